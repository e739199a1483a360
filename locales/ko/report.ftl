## 보고서 전체에서 쓰는 말과 문장

sure = 확실
likely = 유력
possible = 가능성 있음
guess = 추측

# 나열할 때와 절을 이을 때의 구분
list-separator = {", "}
and-separator = {", "}

layer-client = 클라이언트
layer-load-balancer = 로드 밸런서
layer-web-server = 웹 서버
layer-app-queue = 애플리케이션 서버의 리슨 큐
layer-app-server = 애플리케이션 서버
layer-app = 애플리케이션
layer-dependency = 의존 서비스
layer-host = 호스트
layer-orchestration = 오케스트레이션
layer-none = 없음

failed-of = 요청 { $requests }건 중 { $failed }건 실패({ $share })
failures-logged = 기록된 실패 { $shown }건(전체 요청을 세는 로그 없음)
failed-requests = 실패한 요청 { $shown }건

failing-until = 실패한 요청은 거의 { $until }까지 들어온 것이며, 그 뒤에는 거의 헬스 체크만 실패했습니다.
changed-before = { $says }. 첫 실패 요청 { $length } 전({ $sources }). 우연일 수 있으나, 함께 바뀐 것을 확인하십시오.
changed-at-once = { $says }. 첫 실패 요청과 같은 초({ $sources }). 우연일 수 있으나, 함께 바뀐 것을 확인하십시오.
length-seconds = { $s }초
length-minutes = { $m }분 { $s }초
length-hours = { $h }시간 { $m }분

no-incident = 장애 없음: 요청이 평소대로 처리되었고, 평상시 수준을 넘는 유실 없음
not-enough-data = 데이터 부족: 셀 수 있는 요청도 실패도 소스에 없음
incident-n-of = 장애 { $n }/{ $all }

unexplained = 설명되지 않음
not-read = 읽지 않음: { $path }: { $because }

## 요청을 끝낸 주체와 단계

ended-by-client = 클라이언트
ended-by-proxy = 프록시
ended-by-server = 서버
ended-by-resource-limit = 리소스 한도
ended-by-timer = 타임아웃
phase-queue = 큐 대기
phase-connect = 연결
phase-sending = 전송
phase-header = 응답 헤더 대기
phase-body = 응답 본문

## 요청 집계의 근거

from-requests = (요청 줄)
from-metric = (지표, 분 단위)
from-failure-lines = (실패를 알리는 줄)
more-sources = 외 { $n }개
ledger-unaccounted = { $layer }에서 { $next }까지 가는 동안 도착하지도 실패하지도 않은 요청이 { $shown }건 있습니다. { $layer }에서 직접 응답했거나, 대상 시간 밖에 { $next }에 도착한 것입니다.
ledger-more-than-handed-on = { $next }의 요청 수가 { $layer }에서 넘긴 수보다 { $shown }건 많습니다. 재시도, 헬스 체크, 또는 다른 경로의 요청입니다.

## 한 계층에 호스트가 여럿일 때

hosts-failing = { $layer } { $all }대 중 { $failing }대: { $hosts }(실패 { $failures }건, 나머지 전체 { $rest }건)
hosts-silent = { $layer } 중 { $hosts }: 이 동안 요청 기록 없음
hosts-silent-while-others-went-on = { $layer } 중 { $hosts }: 이 동안 요청 기록 없음(다른 호스트는 계속 처리)
hosts-alike = { $layer } { $all }대 모두 비슷하게 실패

## 제목

heading-impact = 영향
heading-timeline = 타임라인
heading-root-cause = 근본 원인
heading-contributing = 기여 요인
heading-detection = 감지
heading-actions = 조치 항목
heading-evidence = 증거
heading-accounts = 요청의 행방
heading-ruled-out = 배제한 원인
heading-looked-for = 조사한 원인
heading-missing = 더 확실히 하려면 필요한 정보
heading-remarks = 참고
heading-sources = 소스
heading-of-incident = { $heading }(장애 { $n })
