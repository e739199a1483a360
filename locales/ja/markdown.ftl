## Markdown のレポート。プレースホルダーの値は Markdown 用に処理済み

md-title = リクエストが失われたレイヤーは{ $layer }：{ $title }（{ $ids }、{ $sure }）
md-root = **根本原因：** { $title }。レイヤーは{ $layer }（{ $ids }、{ $sure }）。
md-root-same = **根本原因：** { $title }（{ $ids }、{ $sure }）。その背後の原因を示すものはない。
md-root-unknown = **根本原因：** これらのソースからは不明。
md-what = { $failed }。{ $says }
md-hosts = **ホスト：** { $hosts }。
md-changed = **直前の変更：** { $says }
md-when = **発生時間：** { $window }、{ $length }。
md-several = **全{ $all }件のインシデント：**
md-one-of-several = { $title }：{ $failed }、{ $window }。
md-clock-unknown = **時計が不明：** { $warning }
md-clocks = **時計：**
clocks-more = ほか{ $n }件は「ソース」を参照
md-period = 全ソースの対象期間：{ $window }。
md-not-understood = 解釈できなかった{ $n }行の最初：{ $place } { $text }
md-written-by = fivexx { $version }が{ $at }に作成。

## 影響

impact-failed = **リクエスト：** { $failed }。集計元は{ $counted }。
impact-place = **場所：** { $place }。
impact-seen-as = **{ $layer }での見え方：** { $what }、{ $count }件。
impact-to-fill-in = **利用者：** 記入欄：誰が何をできず、損失はどれだけか。

## タイムライン

col-time-utc = 時刻（UTC）
col-time-in = 時刻（{ $zone }）
col-layer = レイヤー
col-what = 内容

## 根本原因

root-same = その背後を示す兆候はない。これらのソースで確認できるのは{ $layer }から先のみ。
signs-of-root = { $mechanism }を根本原因とする根拠：
signs-of-drop = { $mechanism }によりリクエストが失われたとする根拠：
sign-at = { $says }（{ $span }）

## 寄与した要因

contributing-none = 同じ結果につながるほかの原因は、これらのソースには見られない。
contributing-one = { $title }（{ $ids }）：{ $sign }

## 検知

detection-first-at-once = **最初の兆候：** { $says }。{ $sources }、{ $at }、最初の失敗リクエストと同じ秒。
detection-first-after = **最初の兆候：** { $says }。{ $sources }、{ $at }、最初の失敗リクエストの{ $length }後。
detection-first-before = **最初の兆候：** { $says }。{ $sources }、{ $at }、最初の失敗リクエストの{ $length }前。
detection-shown-by = **理由を示したソース：** { $sources }。
detection-silent = **この時間帯を含むが理由を示さないソース：** { $sources }。
detection-to-fill-in = **気づいた経緯：** 記入欄：どのアラートまたは誰が、いつ気づいたか。

## 対応項目

reference = 参考資料
sentence = { $text }。
action-to-fill-in = （担当：未定。期限：未定）

## 証拠

evidence-one = **{ $says }**（{ $signal }、{ $mechanism }の証拠、重み{ $weight }）
evidence-one-dated = **{ $says }**（{ $signal }、{ $mechanism }の証拠、重み{ $weight }、{ $span }）
evidence-also = ほかに{ $places }。

## 集計

col-received = 受信
col-answered = 応答
col-failed = 失敗
col-not-passed-on = 次のレイヤーに未到達
col-counted-from = 集計元
col-dropped-at = 失われたレイヤー
col-mechanism = 仕組み
col-ended-by = 終わらせたもの
col-phase = 段階
col-requests = リクエスト
all-failed-requests = 失敗リクエスト合計

## 調べた原因

looked-not-found = 調べたが見つからなかったもの：{ $mechanisms }
looked-no-source = 判断できるソースがなく調べられなかったもの：{ $mechanisms }

## ソース

col-file = ファイル
col-parser = パーサー
col-lines = 行数
col-understood = 解釈できた行
col-not-understood = 解釈できない行
col-clock = 時計
