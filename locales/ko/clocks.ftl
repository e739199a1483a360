## 시계: 줄에 적혀 있지 않은 시간대와 어긋난 시계

basis-stated = 줄에 명시
basis-given = 지정
basis-inferred = 추정
basis-assumed = 가정
clock-behind = { $s }초 느림
clock-ahead = { $s }초 빠름
clock-drifting = 점차 어긋남
clock-set-anew = 도중에 변경

clock-line = { $source }: { $says }
clock-shift = { $clauses } ({ $why }, { $sure })
clock-was-set-anew = 도중에 시계가 변경됨: { $parts }
clock-writes-local-time = 현지 시각({ $zone })으로 기록
clock-runs-behind = { $beside }보다 { $s }초 느림
clock-runs-ahead = { $beside }보다 { $s }초 빠름
clock-the-others = 다른 소스
clock-gains = { $rate } 빨라짐
clock-gains-against = { $beside }에 비해 { $rate } 빨라짐
clock-loses = { $rate } 느려짐
clock-loses-against = { $beside }에 비해 { $rate } 느려짐
rate-hour = 시간당 { $s }초
rate-day = 하루 { $s }초
clock-seen-in-both-requests = 양쪽에 기록된 요청 { $shared }건으로 추정
clock-seen-in-both-failures = 양쪽에 기록된 실패 { $shared }건으로 추정
segment-first = 처음에는 { $clock }
segment-from = { $from }부터 { $clock }
segment-behind = { $zone }, { $s }초 느림
segment-ahead = { $zone }, { $s }초 빠름
segments-more = 그 외 변경 { $n }회
clocks-all-unknown = 줄에 시간대가 적혀 있지 않습니다. 어느 시간대이든 적힌 그대로 시각을 표시합니다.
clock-unknown = { $which }의 시간대를 알 수 없고 판단할 근거도 없습니다. UTC로 간주했으므로 다른 소스와 몇 시간 어긋날 수 있습니다. --tz '{ $first }=ZONE'으로 지정하십시오.
and-more = { $first } 외 { $n }개

## 그 시계로 판단한 이유

clock-lines-state-it = 줄에 명시되어 있음
clock-collector-utc = { $shown }줄에서 수집기의 UTC와 현지 시각이 함께 적혀 있음
clock-epoch-beside = { $shown }줄에서 현지 시각과 1970년 이후의 초가 함께 적혀 있음
clock-given = --tz로 지정
clock-went-forward = { $day } { $old }에 시계가 앞당겨져, 그때부터 { $new }까지의 시각은 존재하지 않음
clock-went-back = { $day } { $old }에 시계가 늦춰져 { $new } 이후의 시각이 두 번 나타남. 구분할 수 없으면 첫 번째로 간주
clock-second-of-fold = 그 지점에서 시각이 되돌아가므로 두 번째 한 시간에 해당함
clock-assumed = 줄에 시간대가 없고 옆 소스로도 알 수 없음. UTC로 간주함. --tz로 지정할 것
clock-only-there-it-meets = 다른 소스의 시간과 겹치는 것은 { $zone }뿐임
clock-other-lines-state-it = 같은 로그의 다른 줄에 명시되어 있음
clock-neighbour-states = 같은 서버의 { $path }에 명시되어 있음
clock-neighbour-has = 같은 서버의 { $path }와(과) 같음
clock-another-part = 현지 시각이 되돌아가기 전이나 후의 { $path } 부분과 같음
clock-found-from-requests = { $beside }에도 기록된 요청 { $shared }건으로 추정
clock-found-from-failures = { $beside }에도 기록된 실패 { $shared }건으로 추정
