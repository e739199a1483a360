## Charts: the timeline of an incident and the way of its requests.

chart-timeline-title = 계층별 요청과 실패
chart-flow-title = 요청의 행방
chart-timeline-desc = { $from }부터 { $to } UTC까지, { $step } 간격. { $start }부터 { $end }까지 요청이 실패했습니다.
chart-span = { $from } ~ { $to } UTC, { $step } 간격
chart-window = 요청이 실패한 시간

# Names beside the lanes: short.
chart-layer-client = 클라이언트
chart-layer-load-balancer = 로드 밸런서
chart-layer-web-server = 웹 서버
chart-layer-app-queue = 리슨 큐
chart-layer-app-server = 앱 서버 워커
chart-layer-app = 애플리케이션
chart-layer-dependency = 의존 서비스
chart-layer-host = 호스트
chart-layer-orchestration = 배포·서비스
chart-layer-none = 없음

# Scales under the names.
chart-requests-up-to = 요청: 최대 { $n }/초
chart-lines-up-to = 로그 줄: 최대 { $n }/초
chart-time-up-to = 시간: 최대 { $s }초
chart-no-source = 자체 로그 없음

chart-legend-requests = 요청
chart-legend-failed = 실패
chart-legend-lines = 실패를 알리는 로그 줄
chart-legend-time = 요청 처리 시간 (선: 평균, 면: 최장)
chart-legend-none = 이 시간을 담은 소스 없음

# A place under the pointer.
chart-hover-requests = { $layer }: 요청 { $requests }건, 실패 { $failed }건
chart-hover-lines = { $layer }: 실패를 알리는 로그 { $n }줄
chart-hover-time = { $layer }: 평균 { $mean }초, 최장 { $max }초
chart-hover-none = { $layer }: 소스 없음

chart-flow-received = 받은 요청 { $received }건, 실패 { $failed }건, 넘기지 않음 { $kept }건
chart-flow-received-last = 받은 요청 { $received }건, 실패 { $failed }건
chart-flow-failing = 실패 기록 { $failed }건. 요청 수를 세는 곳 없음
chart-flow-dropped = 여기서 { $n }건 유실: { $mechanism }
chart-flow-unexplained = 실패 { $n }건은 원인을 설명하지 못함

## The lanes on a terminal.

lanes-heading = 시간별 실패
lanes-flow = 계층별 요청
lanes-failed = 실패
lanes-requests = 요청
lanes-lines = 로그 줄
lanes-time = 시간
lanes-most = 최대 { $n }/초
lanes-longest = 최대 { $s }초

## The page (HTML).

page-copy = 복사
page-copied = 복사됨
page-skip = 결론으로

page-when = 시간:
page-changed = 직전의 변경:
page-impact = 영향:
page-place = 위치:
page-course = 시간에 따른 흐름
page-seen-as = { $what } × { $n }(으)로 관측
page-weighs = { $mechanism }의 근거, 가중치 { $weight }
page-no-line = 측정값이나 건수라서 인용할 줄이 없습니다.
page-ledger = 계층별 요청 수
page-by-host = 호스트별
page-host-failing = 실패
page-host-silent = 다른 호스트가 도는 동안 침묵
page-host-as-the-others = 다른 호스트와 같이 실패
page-host-well = 정상
page-not-found = 찾았으나 없었던 것: { $n }
page-no-source = 보여 줄 소스가 없어 찾지 못한 것: { $n }
page-not-understood = 해석하지 못한 줄({ $n }줄 중 첫 줄):

page-col-host = 호스트
page-col-state = 상태
page-failed = { $failed } ({ $counted })

step-seconds = { $n }초
step-minutes = { $n }분
step-hours = { $n }시간
