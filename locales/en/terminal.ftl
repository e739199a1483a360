## The report on a terminal.

terminal-dropped-at = Dropped at the { $layer }: { $title } ({ $sure })
terminal-root = Root cause: { $title } ({ $layer }, { $sure })
terminal-root-same = Root cause: the same; nothing behind it shows ({ $sure })
terminal-root-unknown = Root cause: not known from these sources
terminal-failed = { $failed }: { $when }
terminal-hosts = Hosts: { $hosts }.
terminal-changed = Right before: { $says }
terminal-clock-unknown = Clock not known: { $warning }
terminal-clock = Clock: { $clock }.
terminal-clocks-more = Clocks of { $n } more sources: below.
terminal-chain = What followed what (UTC)
terminal-chain-in = What followed what (UTC / { $zone })
terminal-step = { $layer }: { $what }
terminal-seen-as = { $layer }: seen as { $count } × { $what }
terminal-change = What to change
terminal-drop-points = Where the failed requests were dropped
terminal-ended-by = (ended by { $by }, { $phase })
terminal-understood = { $lines } lines · { $share } understood
