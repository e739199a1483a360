## 端末のレポート

terminal-dropped-at = リクエストが失われたレイヤーは{ $layer }：{ $title }（{ $sure }）
terminal-root = 根本原因：{ $title }（{ $layer }、{ $sure }）
terminal-root-same = 根本原因：同上。その背後の原因を示すものはない（{ $sure }）
terminal-root-unknown = 根本原因：これらのソースからは不明
terminal-failed = { $failed }：{ $when }
terminal-hosts = ホスト：{ $hosts }。
terminal-changed = 直前の変更：{ $says }
terminal-clock-unknown = 時計が不明：{ $warning }
terminal-clock = 時計：{ $clock }。
terminal-clocks-more = ほか{ $n }件のソースの時計は下記を参照。
terminal-chain = 経過（UTC）
terminal-chain-in = 経過（UTC / { $zone }）
terminal-step = { $layer }：{ $what }
terminal-seen-as = { $layer }：{ $what }として{ $count }件
terminal-change = 変更すべき点
terminal-drop-points = 失敗リクエストが失われた場所
terminal-ended-by = （{ $by }による終了、段階は{ $phase }）
terminal-understood = { $lines }行 · 解釈できた行{ $share }
