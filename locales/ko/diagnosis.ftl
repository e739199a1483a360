## 판정의 문장. 원인별 문장은 causes/에, 그 번역은 locales/LANGUAGE/definitions/에 있음

unexplained-title = 요청이 실패했으나 이유를 알려 주는 소스가 없음
unexplained-says = 실패는 집계되었으나, 알려진 메커니즘의 징후를 보이는 소스가 없습니다.
unexplained-error = 실패한 시간의 { $signal } 오류({ $n }건): 여기서 알려진 원인은 나오지 않음
root-unknown-title = 알 수 없음
root-unknown-says = 그 뒤에 무엇이 있는지는 이 소스들로 알 수 없습니다.
counted-by-requests = { $layer }의 요청 줄
counted-by-metric = { $layer }의 지표
counted-by-failure-lines = 오류 줄(요청을 기록하는 소스가 없음)
first-failed-request = 첫 실패 요청
last-failed-request = 마지막 실패 요청
begins-late = 실패보다 { $seconds }초 늦게 시작됨: { $sign }
weaker-signs = 판정된 원인보다 징후가 약함: { $sign }
would-show-in = 나타날 만한 소스: { $sources }
no-sign-in = 다음 소스에 징후 없음: { $sources }
missing-web-server = 실패한 시간의 웹 서버 오류 로그
missing-app-server = 실패한 시간의 애플리케이션 서버 로그
missing-kind = 해당 시간을 포함하는 다음 종류의 소스가 없음: { $kind }

## 참고

remark-timeless = 시각이 있는 줄이 없습니다. 표시된 시각은 이 분석을 실행한 시각입니다.
remark-crowd = { $path }: { $most }개가 넘는 호스트나 형식의 줄이 있습니다. 넘는 것들의 { $shown }줄은 함께 셌습니다.
remark-left-out = { $path }: { $all } MiB 가운데 { $read } MiB를 읽었습니다. 나머지는 지정한 시간 밖에 있습니다.
remark-own-format = { $path }: { $shown }줄을 이해하지 못했습니다. 사용자 형식의 요청 로그로 보입니다. nginx.conf나 uwsgi.ini도 주거나 --nginx-format 또는 --uwsgi-format을 지정하십시오.
remark-overlong = { $path }: 1 MiB보다 긴 줄 { $shown }개는 들여다보지 않았습니다.
remark-places = { $path }: `{ $field }` 값이 { $most }개가 넘습니다. 그 밖의 값을 적은 { $shown }줄은 "…"으로 함께 셌습니다.
remark-failures-outside = 장애 밖의 실패한 요청은 { $shown }건으로, 그 자체로 장애라 하기에는 적습니다.
remark-stragglers = 인시던트 직전이나 직후, 실패가 드물던 동안 요청 { $shown }건이 더 실패했습니다. 인시던트의 건수에는 들어 있지 않습니다.
remark-errors = { $signal } 오류 { $shown }건이 { $first }부터 { $last }까지 기록되어 있습니다({ $paths }).
remark-failures-few = 장애 밖의 실패한 요청은 { $shown }건으로, 우연과 구별하기에는 적고 평소 수준을 알기에는 로그가 너무 짧습니다.
remark-inner-only = 요청을 세는 것은 { $layer }뿐이며, 그 앞에서 끊긴 요청은 보이지 않습니다. 앞단의 로그를 더하십시오.
remark-silence = { $from }부터 { $to }까지 { $layer }에 기록된 요청이 한 건도 없습니다(평소라면 약 { $n }건). 그동안 들어온 요청은 여기에 줄을 남기지 않았습니다. 앞단의 로그와 중지된 것을 확인하십시오.
remark-aborts = 응답 전에 상대(클라이언트 또는 기다리기를 포기한 앞단 계층)가 연결을 끊었음을 알리는 줄이 { $shown }줄 있습니다. 결과일 뿐 원인이 아닙니다.
