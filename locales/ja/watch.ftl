## 監視の通知とレポート

remark-going-on = この時点ではインシデントの終わりはまだ確認できていない。続く間はレポートを更新する。
tell-dropped-at = リクエストが失われたレイヤーは{ $layer }：{ $title }（{ $sure }）。
tell-root = 根本原因：{ $title }（{ $layer }、{ $share }）。
tell-root-same = その背後の原因を示すものはない。
tell-failed = { $failed }、{ $since }から{ $length }。
tell-failed-ongoing = { $failed }、{ $since }から、終わりは未確認。
tell-over = 終了：{ $layer }では{ $since }以降、失われたリクエストはない（{ $mechanism }）。
tell-late = リクエストが{ $layer }で失われた：{ $mechanism }（{ $share }）。ログはすでになく、残っていた間に確認した内容を示す。
tell-lasted = { $since }から{ $length }続いた。失敗リクエスト{ $shown }件。
field-dropped-at = 失われたレイヤー
field-root-cause = 根本原因
field-from = 開始
field-to = 終了
field-last-so-far = これまでの最後の失敗
field-at = 場所
field-report = レポート
field-note = 備考
note-repeated = 以前の送信がすでに届いている可能性がある
