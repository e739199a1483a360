## 입력을 읽지 않았거나 끝까지 읽지 못한 이유

skip-no-such-file = 파일이 없음
skip-not-written = 보존 시간보다 오래 기록되지 않았음
skip-compressed = 압축 파일이어서 내용이 늘어나지 않음: `fivexx analyze`로 읽을 것
skip-saved-answer = 저장된 응답이어서 내용이 늘어나지 않음: `fivexx analyze`로 읽을 것
skip-no-such-folder = { $folder } 폴더가 없음
skip-did-you-mean = { $missing } ({ $path }이(가) 맞는지 확인)
skip-no-look = 정보를 가져올 수 없음
skip-device = 로그가 아니라 장치나 소켓임
skip-pipe = 장치, 파이프 또는 소켓임
skip-link-loop = 링크가 자신의 폴더로 되돌아감
skip-no-glob = 경로도 글롭도 아님
skip-no-match = 일치하는 파일이 없음
skip-not-opened = 열 수 없음: { $error }
skip-not-read = 읽을 수 없음: { $error }
skip-not-read-to-end = 끝까지 읽을 수 없음: { $error }
skip-empty = 비어 있음
skip-utf16 = UTF-16 문자 인코딩임. `iconv -f UTF-16 -t UTF-8`로 변환할 것
skip-no-text = 텍스트가 아님(그림, 압축 파일, 프로그램 등)
skip-nothing-understood = { $shown }줄 중 해석되는 줄이 없음
skip-older = 대상 시간 전에 마지막으로 기록된 오래된 파일 { $shown }개
reading-ended-early = 읽기가 도중에 끝남: { $error }. 그때까지의 내용은 분석됨
format-used = 설정 파일: { $directive } `{ $name }` 사용
format-not-used = 설정 파일: { $directive } `{ $name }` 사용 불가: { $error }
unpacking-ended-early = 압축 해제가 도중에 끝남: { $error }. 그때까지의 내용은 분석됨
