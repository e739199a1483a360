## AWS에서 얻지 못한 것과 대처

aws-no-credentials = AWS 자격 증명이 없음. AWS_PROFILE을 설정하거나, `aws sso login`으로 로그인하거나, 역할이 연결된 곳에서 실행할 것({ $why })
aws-no-region = AWS 리전이 설정되지 않음. --region을 지정하거나, AWS_REGION을 설정하거나, fivexx.toml에 `region`을 적을 것
aws-bad-credentials = AWS가 자격 증명을 거부함({ $code }). 갱신하고 이 기기의 시계를 확인할 것
aws-denied = 접근 거부: IAM 권한 { $permission } 없음
aws-no-such-bucket = 버킷이 없음. 이름, 계정, 리전을 확인할 것
aws-no-such-object = 객체가 없음. 이름, 계정, 리전을 확인할 것
aws-no-such-log-group = 로그 그룹이 없음. 이름, 계정, 리전을 확인할 것
aws-no-such-topic = 토픽이 없음. 이름, 계정, 리전을 확인할 것
aws-no-such-load-balancer = 로드 밸런서가 없음. 이름, 계정, 리전을 확인할 것
aws-other-region = { $service }에 따르면 다른 리전에 있음. --region으로 그 리전을 지정할 것
aws-unreachable = { $service }에 연결할 수 없음: { $why }
aws-throttled = { $service } 호출이 시간이 다할 때까지 스로틀링됨. 요청을 줄이거나 `time_budget`을 늘릴 것
aws-timed-out = { $service } 응답 시간 초과
aws-budget = time_budget `{ $text }`: { $why }. 90s나 2m처럼 적을 것
aws-out-of-time = 이번 실행의 시간 한도를 다 씀. fivexx.toml의 `time_budget`을 늘릴 것
aws-away = { $service }에서 실패가 이어져 한동안 호출을 멈춤
aws-broken = { $service }의 응답이 도중에 끊김: { $why }
aws-refused = { $permission } 실패: { $code }: { $message }

## 지표

aws-no-metric-kept = CloudWatch에 이 시간의 지표가 없음. 미래이거나 455일보다 이전임
aws-no-points = { $from }부터 { $to }까지 데이터 포인트가 없음. 트래픽이 없거나 다른 로드 밸런서임
aws-still-counted = { $from } 이후의 분은 아직 집계 중임. 나타난 실패는 쓰되, 나타나지 않은 것을 회복으로 보지 않음
aws-only-sums = 이렇게 오래된 시간은 CloudWatch에 { $minutes }분 단위 합계만 있음
aws-metric-forbidden = 이 자격 증명으로는 { $metric } 지표를 읽을 수 없음
aws-given-in-part = CloudWatch가 일부만 반환함
aws-series-not-whole = 시계열 { $all }개 중 { $partial }개를 온전히 얻지 못함({ $metrics }): { $because }. 빠진 부분을 0으로 보지 않음
aws-cloudwatch-says = CloudWatch의 메시지: { $message }
aws-sent-no-metric = { $load_balancer }: 지난 2주간 보낸 지표가 없음. 리전을 확인할 것({ $region })
aws-target-groups-unknown = 대상 그룹을 알 수 없어 그 호스트는 조사하지 않음: { $fault }
aws-no-load-balancer-at-all = { $region }에서 2주 안에 지표를 보낸 로드 밸런서가 없음. 리전과 계정을 확인할 것
aws-no-load-balancer-but-near = 로드 밸런서 `{ $wanted }`: { $region }에 없음. `{ $near }`의 오타인지 확인할 것
aws-no-load-balancer-but-others = 로드 밸런서 `{ $wanted }`: { $region }에 없음. 있는 것: { $others }

## 로그 그룹

aws-size-unknown = 크기를 알 수 없어 한 줄씩 읽음: { $fault }
aws-no-event = 해당 시간의 이벤트가 없음
aws-group-too-dear = 읽지 않음: 약 { $bytes }GB는 순차로 읽기에 너무 많고, Logs Insights로는 { $gb }GB(해당 시간의 { $readings }배, ${ $dollars })를 읽게 되어 남은 max_scan_gb를 넘음. --since로 시간을 좁히거나 --max-scan-gb를 늘릴 것
aws-group-too-large = 읽지 않음: 약 { $bytes }GB는 순차로 읽기에 너무 많고, Logs Insights로 셀 수 있는 형태의 줄도 아님(JSON 또는 감싸인 줄). --since로 시간을 좁힐 것
aws-query-failed = { $format } 쿼리가 실패하여 수가 실제보다 적음: { $fault }
aws-counted-by-insights = Logs Insights 쿼리 { $queries }개로 집계({ $gb }GB 읽음)
aws-unseen = 이런 쿼리로 볼 수 없는 것: { $parts }
aws-unseen-blocks = 여러 줄 이벤트와 그 사이의 시각 없는 줄(트레이스백)({ $signals })
aws-unseen-last-resorts = 다른 것에 해당하지 않는다는 점으로만 구분되는 이벤트({ $signals })
aws-unseen-shapes = 쿼리로 자를 수 없는 줄(JSON, 특이한 형태의 시각)({ $signals })
aws-unseen-values = 메시지 안의 값({ $signals })
aws-unseen-wrapped = 감싸인 줄(살펴본 { $all }줄 중 { $wrapped }줄)
aws-unseen-quantiles = 분위수와 판정에 쓰지 않는 줄
aws-nothing-to-quote = 인용할 줄을 가져오지 못한 신호: { $signals }

## 액세스 로그

aws-folder-not-listed = 계정 { $account }의 폴더 목록을 가져올 수 없음: { $fault }
aws-no-access-log = 해당 시간의 액세스 로그가 없음({ $root }의 { $days } 확인). 액세스 로그가 켜져 있는지, 접두사가 맞는지 확인할 것
aws-athena-too-dear = Athena가 { $gb }GB를 읽게 되어 max_scan_gb의 { $most }GB를 넘음. 최신 객체만 읽음
aws-too-many-access-logs = 액세스 로그 { $gb }GB는 time_budget 안에 읽기에 너무 많아 최신 것만 읽음. 시간을 좁히거나 [aws.athena]를 설정할 것
aws-objects-not-read = 객체 { $all }개 중 { $missing }개를 읽지 못함. 첫 번째는 { $key }: { $fault }
aws-no-alb-parser = `alb_access` 파서가 없음
aws-counted-by-athena = Athena로 집계({ $gb }GB 읽음). 인용할 줄과 분위수는 없음
aws-uncut = 테이블의 정규식으로 자르지 못한 줄이 이 날짜들에 { $shown }줄 있음(docs/aws.md 참고)
