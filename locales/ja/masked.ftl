## What was masked before the report was written.

masked = 伏せたもの: { $kinds }。同じ番号は同じ値を表します。元の行はログにあります。
masked-off = 何も伏せていません。ログ中の秘密や個人情報がこのレポートに残っている可能性があります。転送しないでください。
masked-query = クエリ文字列の値
masked-ip = IP アドレス
masked-secret = パスワード・秘密
masked-cookie = Cookie
masked-session = セッション ID
masked-authorization = 認証ヘッダー
masked-token = トークン
masked-key = 鍵
masked-email = メールアドレス
