## Charts: the timeline of an incident and the way of its requests.

chart-timeline-title = レイヤー別のリクエストと失敗
chart-flow-title = リクエストの行方
chart-timeline-desc = { $from }から{ $to } UTCまで、{ $step }刻み。{ $start }から{ $end }までリクエストが失敗した。
chart-span = { $from } ～ { $to } UTC、{ $step }刻み
chart-window = 失敗が続いた時間

# Names beside the lanes: short.
chart-layer-client = クライアント
chart-layer-load-balancer = ロードバランサー
chart-layer-web-server = Webサーバー
chart-layer-app-queue = リッスンキュー
chart-layer-app-server = ワーカー
chart-layer-app = アプリケーション
chart-layer-dependency = 依存先
chart-layer-host = ホスト
chart-layer-orchestration = デプロイ・サービス
chart-layer-none = なし

# Scales under the names.
chart-requests-up-to = リクエスト：最大{ $n }/秒
chart-lines-up-to = ログ行：最大{ $n }/秒
chart-time-up-to = 時間：最大{ $s }秒
chart-no-source = 自身のログなし

chart-legend-requests = リクエスト
chart-legend-failed = 失敗
chart-legend-lines = 失敗を示すログ行
chart-legend-time = 処理時間（線：平均、面：最長）
chart-legend-none = この時間を含むソースなし

# A place under the pointer.
chart-hover-requests = { $layer }：{ $requests }リクエスト、うち失敗{ $failed }
chart-hover-lines = { $layer }：失敗を示すログ{ $n }行
chart-hover-time = { $layer }：平均{ $mean }秒、最長{ $max }秒
chart-hover-none = { $layer }：ソースなし

chart-flow-received = 受信{ $received }件、失敗{ $failed }件、次へ渡らず{ $kept }件
chart-flow-received-last = 受信{ $received }件、失敗{ $failed }件
chart-flow-failing = 失敗の記録{ $failed }件。リクエスト数を記録するものなし
chart-flow-dropped = ここで{ $n }件が失われた：{ $mechanism }
chart-flow-unexplained = 失敗{ $n }件は説明がつかない

## The lanes on a terminal.

lanes-heading = 失敗の推移
lanes-flow = レイヤーごとのリクエスト
lanes-failed = 失敗
lanes-requests = リクエスト
lanes-lines = ログ行
lanes-time = 時間
lanes-most = 最大{ $n }/秒
lanes-longest = 最大{ $s }秒

## The page (HTML).

page-copy = コピー
page-copied = コピー済み
page-skip = 結論へ

page-when = 時間：
page-changed = 直前の変更：
page-impact = 影響：
page-place = 箇所：
page-course = 時間ごとの推移
page-seen-as = { $what } × { $n }として観測
page-weighs = { $mechanism }の根拠、重み{ $weight }
page-no-line = 測定値または件数のため、引用できる行はない。
page-ledger = レイヤー別のリクエスト
page-by-host = ホスト別
page-host-failing = 失敗
page-host-silent = ほかが処理を続ける間リクエストなし
page-host-as-the-others = ほかと同様に失敗
page-host-well = 正常
page-not-found = 調べたが見つからなかったもの：{ $n }
page-no-source = ソースがなく調べられなかったもの：{ $n }
page-not-understood = 解釈できなかった行（{ $n }行の最初）：

page-col-host = ホスト
page-col-state = 状態
page-failed = { $failed }（{ $counted }）

step-seconds = { $n }秒
step-minutes = { $n }分
step-hours = { $n }時間
