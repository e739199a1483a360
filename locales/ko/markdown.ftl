## Markdown 보고서. 자리 표시자의 값은 이미 Markdown에 맞게 처리됨

md-title = 요청이 유실된 계층은 { $layer }: { $title } ({ $ids }, { $sure })
md-root = **근본 원인:** { $title }. 계층은 { $layer } ({ $ids }, { $sure }).
md-root-same = **근본 원인:** { $title } ({ $ids }, { $sure }). 그 뒤의 원인을 보여 주는 것이 없음.
md-root-unknown = **근본 원인:** 이 소스들로는 알 수 없음.
md-what = { $failed }. { $says }
md-hosts = **호스트:** { $hosts }.
md-changed = **직전의 변경:** { $says }
md-when = **발생 시간:** { $window }, { $length }.
md-several = **전체 장애 { $all }건:**
md-one-of-several = { $title }: { $failed }, { $window }.
md-clock-unknown = **시계를 알 수 없음:** { $warning }
md-clocks = **시계:**
clocks-more = 그 외 { $n }개는 ‘소스’ 참고
md-period = 전체 소스의 대상 기간: { $window }.
md-not-understood = 해석하지 못한 { $n }줄 중 첫 줄: { $place } { $text }
md-written-by = fivexx { $version }, { $at } 작성.

## 영향

impact-failed = **요청:** { $failed }. 집계 근거: { $counted }.
impact-place = **위치:** { $place }.
impact-seen-as = **{ $layer }에서 보인 모습:** { $what }, { $count }건.
impact-to-fill-in = **사용자:** 작성란: 누가 무엇을 하지 못했고 손실은 얼마인지.

## 타임라인

col-time-utc = 시각(UTC)
col-time-in = 시각({ $zone })
col-layer = 계층
col-what = 내용

## 근본 원인

root-same = 그 뒤를 가리키는 징후가 없습니다. 이 소스들이 보여 주는 것은 { $layer }부터입니다.
signs-of-root = 근본 원인을 { $mechanism }(으)로 보는 근거:
signs-of-drop = 요청이 { $mechanism }(으)로 유실되었다고 보는 근거:
sign-at = { $says } ({ $span })

## 기여 요인

contributing-none = 같은 결과로 이어지는 다른 원인은 이 소스들에 나타나지 않습니다.
contributing-one = { $title } ({ $ids }): { $sign }

## 감지

detection-first-at-once = **첫 징후:** { $says }. { $sources }, { $at }, 첫 실패 요청과 같은 초.
detection-first-after = **첫 징후:** { $says }. { $sources }, { $at }, 첫 실패 요청 { $length } 후.
detection-first-before = **첫 징후:** { $says }. { $sources }, { $at }, 첫 실패 요청 { $length } 전.
detection-shown-by = **이유를 알려 준 소스:** { $sources }.
detection-silent = **이 시간을 포함하지만 이유를 알려 주지 않은 소스:** { $sources }.
detection-to-fill-in = **알게 된 경위:** 작성란: 어떤 알람 또는 누가, 언제 알아챘는지.

## 조치 항목

reference = 참고 자료
sentence = { $text }.
action-to-fill-in = (담당: 미정. 기한: 미정)

## 증거

evidence-one = **{ $says }** ({ $signal }, { $mechanism }의 증거, 가중치 { $weight })
evidence-one-dated = **{ $says }** ({ $signal }, { $mechanism }의 증거, 가중치 { $weight }, { $span })
evidence-also = 그 외 { $places }.

## 집계

col-received = 받음
col-answered = 응답
col-failed = 실패
col-not-passed-on = 다음 계층에 미도달
col-counted-from = 집계 근거
col-dropped-at = 유실된 계층
col-mechanism = 메커니즘
col-ended-by = 끝낸 주체
col-phase = 단계
col-requests = 요청
all-failed-requests = 실패한 요청 전체

## 조사한 원인

looked-not-found = 조사했으나 발견되지 않음: { $mechanisms }
looked-no-source = 판단할 소스가 없어 조사하지 못함: { $mechanisms }

## 소스

col-file = 파일
col-parser = 파서
col-lines = 줄 수
col-understood = 해석됨
col-not-understood = 해석 안 됨
col-clock = 시계
