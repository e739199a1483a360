## 判定の文。原因ごとの文は causes/、その訳は locales/LANGUAGE/definitions/ にある

unexplained-title = リクエストが失敗したが、理由を示すソースがない
unexplained-says = 失敗は数えられているが、既知の仕組みの兆候を示すソースがない。
unexplained-error = 失敗の時間帯の{ $signal }（{ $n }件）：既知の原因は導けない
root-unknown-title = 不明
root-unknown-says = その背後に何があるかは、これらのソースからは判断できない。
counted-by-requests = { $layer }のリクエスト行
counted-by-metric = { $layer }のメトリクス
counted-by-failure-lines = エラー行（リクエストを記録するソースがないため）
first-failed-request = 最初の失敗リクエスト
last-failed-request = 最後の失敗リクエスト
begins-late = 失敗の{ $seconds }秒後に始まっている：{ $sign }
weaker-signs = 判定した原因より兆候が弱い：{ $sign }
would-show-in = これが現れるはずのソース：{ $sources }
no-sign-in = 次のソースに兆候なし：{ $sources }
missing-web-server = 失敗の時間帯の、Webサーバーのエラーログ
missing-app-server = 失敗の時間帯の、アプリケーションサーバーのログ
missing-kind = 対象時間帯を含む次の種類のソースがない：{ $kind }

## 補足

remark-timeless = 時刻を含む行がない。表示の時刻はこの解析を行った時刻。
remark-crowd = { $path }：{ $most }を超えるホストまたは形式の行がある。超えた分の{ $shown }行はまとめて数えた。
remark-left-out = { $path }：{ $all } MiBのうち{ $read } MiBを読み込んだ。残りは指定された時間の外にある。
remark-own-format = { $path }：{ $shown }行を解釈できなかった。独自の形式のリクエストログと思われる。nginx.confかuwsgi.iniも渡すか、--nginx-formatか--uwsgi-formatで指定する。
remark-overlong = { $path }：1 MiBを超える行が{ $shown }行あり、中身は調べていない。
remark-places = { $path }：`{ $field }`の値が{ $most }個を超える。それ以外の値を示す{ $shown }行は「…」としてまとめて数えた。
remark-failures-outside = インシデント以外の失敗リクエストは{ $shown }件で、それだけでインシデントとするには少ない。
remark-stragglers = インシデントの直前または直後、失敗がまばらだった間に、ほかに{ $shown }件のリクエストが失敗した。インシデントの件数には含まない。
remark-errors = { $signal }のエラーが{ $shown }件、{ $first }から{ $last }までに記録されている（{ $paths }）。
remark-failures-few = インシデント以外の失敗リクエストは{ $shown }件。偶然と区別するには少なく、平常を知るにはログが短すぎる。
remark-inner-only = リクエストを数えているのは{ $layer }だけで、その手前で落ちたものは見えない。前段のログを加えること。
remark-silence = { $from }から{ $to }まで、{ $layer }にはリクエストが1件も記録されていない（普段なら約{ $n }件）。その間に届いたものはここに行を残していない。前段のログと、停止したものを確認すること。
remark-aborts = 応答前に相手（クライアント、または待ちきれなくなった前段のレイヤー）が切断したことを示す行が{ $shown }行ある。これは結果であり、原因ではない。
