## What was masked before the report was written.

masked = 伏せたもの: { $kinds }。同じ番号は同じ値を表します。元の行はログにあります。
masked-off = 何も伏せていません。ログ中の秘密や個人情報がこのレポートに残っている可能性があります。転送しないでください。
masked-query = 件のクエリ文字列の値
masked-ip = 件の IP アドレス
masked-secret = 件のパスワード・秘密
masked-cookie = 件の Cookie
masked-session = 件のセッション ID
masked-authorization = 件の認証ヘッダー
masked-token = 件のトークン
masked-key = 件の鍵
masked-email = 件のメールアドレス
