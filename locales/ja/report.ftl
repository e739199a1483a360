## レポート全体で使う語句と文

sure = 確実
likely = ほぼ確実
possible = 可能性あり
guess = 推測

# 並べるときと、節をつなぐときの区切り
list-separator = 、
and-separator = 、

layer-client = クライアント
layer-load-balancer = ロードバランサー
layer-web-server = Webサーバー
layer-app-queue = アプリケーションサーバーのリッスンキュー
layer-app-server = アプリケーションサーバー
layer-app = アプリケーション
layer-dependency = 依存先
layer-host = ホスト
layer-orchestration = オーケストレーション
layer-none = なし

failed-of = リクエスト{ $requests }件のうち{ $failed }件が失敗（{ $share }）
failures-logged = 失敗の記録{ $shown }件（リクエスト総数を数えるログがない）
failed-requests = 失敗リクエスト{ $shown }件

failing-until = 失敗したリクエストは、ほぼ{ $until }までに届いたもの。それ以降に失敗したのは、ほぼヘルスチェックのみです。
changed-before = { $says }。最初の失敗リクエストの{ $length }前（{ $sources }）。偶然かもしれないが、何が一緒に変わったかを確認すること。
changed-at-once = { $says }。最初の失敗リクエストと同じ秒（{ $sources }）。偶然かもしれないが、何が一緒に変わったかを確認すること。
length-seconds = { $s }秒
length-minutes = { $m }分{ $s }秒
length-hours = { $h }時間{ $m }分

no-incident = インシデントなし：リクエストは通常どおり処理され、平常時を超える欠落はない
not-enough-data = データ不足：リクエスト数も失敗も含むソースがない
incident-n-of = インシデント{ $n }/{ $all }

unexplained = 説明できないもの
not-read = 読み込まなかったもの：{ $path }：{ $because }

## リクエストを終わらせたものと、その段階

ended-by-client = クライアント
ended-by-proxy = プロキシ
ended-by-server = サーバー
ended-by-resource-limit = リソースの上限
ended-by-timer = タイムアウト
phase-queue = キュー待ち
phase-connect = 接続
phase-sending = 送信
phase-header = 応答ヘッダー待ち
phase-body = 応答本文

## リクエストの集計元

from-requests = （リクエスト行）
from-metric = （メトリクス、分単位）
from-failure-lines = （失敗を示す行）
more-sources = ほか{ $n }件
ledger-unaccounted = { $layer }から{ $next }までの間で、届かず失敗にもならなかったリクエストが{ $shown }件ある。{ $layer }自身が応答したか、{ $next }への到達が対象時間帯の外だったもの。
ledger-more-than-handed-on = { $next }のリクエスト数は、{ $layer }から渡された数より{ $shown }件多い。リトライ、ヘルスチェック、別経路のリクエストによる。

## 同じレイヤーに複数のホストがある場合

hosts-failing = { $layer } { $all }台中{ $failing }台：{ $hosts }（失敗{ $failures }件、残り全台で{ $rest }件）
hosts-silent = { $layer }の{ $hosts }はこの間リクエストの記録なし
hosts-silent-while-others-went-on = { $layer }の{ $hosts }はこの間リクエストの記録なし（ほかのホストは処理を継続）
hosts-alike = { $layer } { $all }台すべてが同様に失敗

## 見出し

heading-impact = 影響
heading-timeline = タイムライン
heading-root-cause = 根本原因
heading-contributing = 寄与した要因
heading-detection = 検知
heading-actions = 対応項目
heading-evidence = 証拠
heading-accounts = リクエストの行方
heading-ruled-out = 除外した原因
heading-looked-for = 調べた原因
heading-missing = より確実にするための情報
heading-remarks = 補足
heading-sources = ソース
heading-of-incident = { $heading }（インシデント{ $n }）
