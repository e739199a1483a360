## 보고서 공통 문구

sure = 확실
likely = 유력
possible = 가능성 있음
guess = 추측
