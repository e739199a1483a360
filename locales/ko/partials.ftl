## 부분 결과(partial) 가운데 사용할 수 없었던 것과 그 대처

partial-too-large = 4 GiB를 넘는 Parquet 파일임. 더 작은 부분 결과로 나누어 쓸 것
partial-unreadable = Parquet 파일을 읽을 수 없음: { $error }. 다시 만들 것
partial-broken-pages = 페이지가 깨져 있음
partial-too-many-rows = 행 수 { $rows }이(가) 한 번에 읽을 수 있는 한도 { $most }을(를) 넘음
partial-no-column = `{ $column }` 열이 없는 Parquet 파일이며 fivexx의 부분 결과가 아님
partial-no-version = `version`이 없는 행이 { $shown }개 있음. { $version }을(를) 써 넣을 것
partial-newer = 버전 { $version }의 부분 결과임. 이 fivexx는 { $known }까지 읽음. 이곳의 fivexx를 업데이트할 것
partial-odd-row = { $row }번 행의 `{ $column }` 값이 없거나 올바르지 않음. 다시 만들 것
partial-unread = 스캔한 곳에서 읽히지 않았음
partial-told-twice = { $partial } 안에 { $times }번 나타남. 각 행은 한 번만 쓸 것
partial-broken-end = 조각의 끝 정보가 깨져 있음. 그 뒤의 시각 없는 줄은 잘못된 시각에 놓일 수 있음
partial-overlap = 바이트 위치 { $byte }에서 시작하는 부분이 두 부분 결과에 있음. 뒤의 것은 제외됨
partial-gap = 바이트 위치 { $from }부터 { $to }까지는 어느 부분 결과에도 없음. 이 부분은 읽히지 않았음
partial-no-parser = `{ $parser }`라는 파서가 여기에 없음. 스캔할 때와 같은 --parsers를 지정할 것
partial-no-signal = `{ $signal }` 신호를 내는 파서가 여기에 없음. 스캔할 때와 같은 --parsers를 지정할 것
partial-rows-missing = { $lines }줄이라고 하지만 내역은 { $known }줄뿐임. 부분 결과의 행이 빠져 있음
