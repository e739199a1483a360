## 터미널 보고서

terminal-dropped-at = 요청이 유실된 계층은 { $layer }: { $title } ({ $sure })
terminal-root = 근본 원인: { $title } ({ $layer }, { $sure })
terminal-root-same = 근본 원인: 위와 같음. 그 뒤의 원인을 보여 주는 것이 없음({ $sure })
terminal-root-unknown = 근본 원인: 이 소스들로는 알 수 없음
terminal-failed = { $failed }: { $when }
terminal-hosts = 호스트: { $hosts }.
terminal-changed = 직전의 변경: { $says }
terminal-clock-unknown = 시계를 알 수 없음: { $warning }
terminal-clock = 시계: { $clock }.
terminal-clocks-more = 그 외 소스 { $n }개의 시계는 아래 참고.
terminal-chain = 경과(UTC)
terminal-chain-in = 경과(UTC / { $zone })
terminal-step = { $layer }: { $what }
terminal-seen-as = { $layer }: { $what }, { $count }건
terminal-change = 바꿀 것
terminal-drop-points = 실패한 요청이 유실된 곳
terminal-ended-by = (끝낸 주체: { $by }, 단계: { $phase })
terminal-understood = { $lines }줄 · { $share } 해석됨
