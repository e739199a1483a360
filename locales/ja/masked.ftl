## レポートを書く前に伏せたもの

masked = 伏せた箇所：{ $kinds }。同じ番号は同じ値を表す。元の行はログに残っている。
masked-off = 何も伏せていない。ログ中の秘密や個人情報がこのレポートに残っている可能性がある。他者に渡さないこと。
masked-kind = { $kind }（{ $n }）
masked-query = クエリ文字列の値
masked-ip = IPアドレス
masked-secret = パスワードなどの秘密
masked-cookie = Cookie
masked-session = セッションID
masked-authorization = 認証ヘッダー
masked-token = トークン
masked-key = 鍵
masked-email = メールアドレス
