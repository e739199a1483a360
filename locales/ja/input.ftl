## 入力を読まなかった、または最後まで読めなかった理由

skip-no-such-file = ファイルが存在しない
skip-not-written = 保持する時間より長く追記されていない
skip-compressed = 圧縮されたファイルは追記されない。`fivexx analyze`で読み込むこと
skip-saved-answer = 保存された応答は追記されない。`fivexx analyze`で読み込むこと
skip-no-such-folder = フォルダー{ $folder }が存在しない
skip-did-you-mean = { $missing }（{ $path }の誤りか）
skip-no-look = 情報を取得できない
skip-device = デバイスまたはソケットであり、ログではない
skip-pipe = デバイス、パイプ、またはソケット
skip-link-loop = リンクが自身のフォルダーに戻っている
skip-no-glob = パスでもグロブでもない
skip-no-match = 一致するファイルがない
skip-not-opened = 開けない：{ $error }
skip-not-read = 読めない：{ $error }
skip-not-read-to-end = 最後まで読めない：{ $error }
skip-empty = 空
skip-utf16 = UTF-16の文字コード。`iconv -f UTF-16 -t UTF-8` で変換する
skip-no-text = テキストではない（画像、アーカイブ、プログラムなど）
skip-nothing-understood = { $shown }行のうち解釈できる行がない
skip-older = 対象時間より前に更新が終わった古いファイル{ $shown }件
reading-ended-early = 読み込みが途中で終了：{ $error }。それまでの内容は解析済み
format-used = 設定ファイル：{ $directive } `{ $name }` を使用
format-not-used = 設定ファイル：{ $directive } `{ $name }` は使用できない：{ $error }
unpacking-ended-early = 展開が途中で終了：{ $error }。それまでの内容は解析済み
