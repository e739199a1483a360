## 감시의 알림과 보고서

remark-going-on = 작성 시점에는 장애의 끝이 아직 확인되지 않았습니다. 지속되는 동안 보고서를 다시 작성합니다.
tell-dropped-at = 요청이 유실된 계층은 { $layer }: { $title } ({ $sure }).
tell-root = 근본 원인: { $title } ({ $layer }, { $share }).
tell-root-same = 그 뒤의 원인을 보여 주는 것이 없음.
tell-failed = { $failed }, { $since }부터 { $length }.
tell-failed-ongoing = { $failed }, { $since }부터, 끝은 아직 확인되지 않음.
tell-over = 종료: { $since } 이후 { $layer }에서 유실된 요청 없음({ $mechanism }).
tell-late = 요청이 { $layer }에서 유실됨: { $mechanism } ({ $share }). 로그는 이미 없으며, 남아 있던 동안 확인한 내용입니다.
tell-lasted = { $since }부터 { $length } 지속. 실패한 요청 { $shown }건.
field-dropped-at = 유실된 계층
field-root-cause = 근본 원인
field-from = 시작
field-to = 끝
field-last-so-far = 지금까지의 마지막 실패
field-at = 위치
field-report = 보고서
field-note = 비고
note-repeated = 이전 전송이 이미 도착했을 수 있음
