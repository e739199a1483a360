## 보고서를 쓰기 전에 가린 것

masked = 가린 값: { $kinds }. 같은 번호는 같은 값을 뜻합니다. 원래 줄은 로그에 있습니다.
masked-off = 아무것도 가리지 않았습니다. 로그의 비밀과 개인정보가 이 보고서에 남아 있을 수 있습니다. 다른 사람에게 전달하지 마십시오.
masked-kind = { $kind }({ $n })
masked-query = 쿼리 문자열 값
masked-ip = IP 주소
masked-secret = 비밀번호 등의 비밀
masked-cookie = 쿠키
masked-session = 세션 ID
masked-authorization = 인증 헤더
masked-token = 토큰
masked-key = 키
masked-email = 이메일 주소
