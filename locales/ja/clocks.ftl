## 時計：行に書かれていないタイムゾーンと、ずれている時計

basis-stated = 行に明記
basis-given = 指定
basis-inferred = 推定
basis-assumed = 仮定
clock-behind = { $s }秒遅れ
clock-ahead = { $s }秒進み
clock-drifting = 徐々にずれる
clock-set-anew = 途中で変更

clock-line = { $source }：{ $says }
clock-shift = { $clauses }（{ $why }、{ $sure }）
clock-was-set-anew = 途中で時計が変更された：{ $parts }
clock-writes-local-time = 現地時刻（{ $zone }）で記録
clock-runs-behind = { $beside }より{ $s }秒遅れ
clock-runs-ahead = { $beside }より{ $s }秒進み
clock-the-others = ほかのソース
clock-gains = { $rate }進む
clock-gains-against = { $beside }に対し{ $rate }進む
clock-loses = { $rate }遅れる
clock-loses-against = { $beside }に対し{ $rate }遅れる
rate-hour = 1時間に{ $s }秒
rate-day = 1日に{ $s }秒
clock-seen-in-both-requests = 双方に記録された{ $shared }件のリクエストから推定
clock-seen-in-both-failures = 双方に記録された{ $shared }件の失敗から推定
segment-first = 最初は{ $clock }
segment-from = { $from }から{ $clock }
segment-behind = { $zone }で{ $s }秒遅れ
segment-ahead = { $zone }で{ $s }秒進み
segments-more = ほか{ $n }回の変更
clocks-all-unknown = 行にタイムゾーンの記載がない。時刻は、どのタイムゾーンであれ書かれたとおりに示す。
clock-unknown = { $which }のタイムゾーンは不明で、判断できる材料がない。UTCとみなしたため、ほかのソースと数時間ずれている可能性がある。--tz '{ $first }=ZONE' で指定する。
and-more = { $first }ほか{ $n }件

## その時計と判断した理由

clock-lines-state-it = 行に明記されている
clock-collector-utc = { $shown }行で、収集側のUTCと現地時刻が併記されている
clock-epoch-beside = { $shown }行で、現地時刻と1970年からの秒数が併記されている
clock-given = --tzで指定
clock-went-forward = { $day } { $old }に時計が進められ、そこから{ $new }までの時刻は存在しない
clock-went-back = { $day } { $old }に時計が戻され、{ $new }以降の時刻は2回現れる。区別できない場合は1回目とみなす
clock-second-of-fold = そこで時刻が戻っているため、2回目の1時間にあたる
clock-assumed = 行にタイムゾーンの記載がなく、隣のソースからも判断できない。UTCとみなした。--tzで指定する
clock-only-there-it-meets = ほかのソースの時間帯と重なるのは{ $zone }のみ
clock-other-lines-state-it = 同じログの他の行に明記されている
clock-neighbour-states = 同じサーバーの{ $path }に明記されている
clock-neighbour-has = 同じサーバーの{ $path }と同じ
clock-another-part = { $path }の、現地時刻が戻った前後の部分と同じ
clock-found-from-requests = { $beside }にも記録された{ $shared }件のリクエストから推定
clock-found-from-failures = { $beside }にも記録された{ $shared }件の失敗から推定
