## The report as Markdown. What stands in placeholders is fit for Markdown already.

md-title = Dropped at the { $layer }: { $title } ({ $ids }, { $sure })
md-root = **Root cause:** { $title }, in the { $layer } ({ $ids }, { $sure }).
md-root-same = **Root cause:** { $title } ({ $ids }, { $sure }); nothing behind it shows.
md-root-unknown = **Root cause:** not known from these sources.
md-what = { $failed }. { $says }
md-hosts = **Hosts:** { $hosts }.
md-changed = **Right before:** { $says }
md-when = **When:** { $window }, { $length }.
md-several = **All { $all } incidents:**
md-one-of-several = { $title }: { $failed }, { $window }.
md-clock-unknown = **Clock not known:** { $warning }
md-clocks = **Clocks:**
clocks-more = { $n } more, under “Sources”
md-period = Together they cover { $window }.
md-not-understood = not understood, first of { $n }: { $place } { $text }
md-written-by = Written by fivexx { $version } at { $at }.

## Impact

impact-failed = **Requests:** { $failed }, by the { $counted }.
impact-place = **Where:** { $place }.
impact-seen-as = **Seen by the { $layer } as:** { $count } × { $what }.
impact-to-fill-in = **Users:** *to be filled in: who could not do what, and what it cost.*

## Timeline

col-time-utc = Time (UTC)
col-time-in = Time ({ $zone })
col-layer = Layer
col-what = What

## Root cause

root-same = No sign points behind it: what these sources show begins at the { $layer }.
signs-of-root = What speaks for { $mechanism } as the root cause:
signs-of-drop = What speaks for { $mechanism } as the way in which requests were dropped:
sign-at = { $says } ({ $span })

## Contributing factors

contributing-none = These sources show no other reason that leads to the same.
contributing-one = { $title } ({ $ids }): { $sign }

## Detection

detection-first-at-once = **First sign:** { $says }; in { $sources } at { $at }, in the second of the first failed request.
detection-first-after = **First sign:** { $says }; in { $sources } at { $at }, { $length } after the first failed request.
detection-first-before = **First sign:** { $says }; in { $sources } at { $at }, { $length } before the first failed request.
detection-shown-by = **Told why:** { $sources }.
detection-silent = **Covers the time and tells nothing of why:** { $sources }.
detection-to-fill-in = **Noticed:** *to be filled in: by which alarm or whom, and when.*

## Actions

reference = reference
sentence = { $text }.
action-to-fill-in = *Owner: open. Due: open.*

## Evidence

evidence-one = **{ $says }** ({ $signal } for { $mechanism }, weight { $weight })
evidence-one-dated = **{ $says }** ({ $signal } for { $mechanism }, weight { $weight }, { $span })
evidence-also = Also { $places }.

## Accounts

col-received = Received
col-answered = Answered
col-failed = Failed
col-not-passed-on = Not passed on
col-counted-from = Counted from
col-dropped-at = Dropped at
col-mechanism = Mechanism
col-ended-by = Ended by
col-phase = Phase
col-requests = Requests
all-failed-requests = all failed requests

## Looked for

looked-not-found = Looked for and not found: { $mechanisms }
looked-no-source = Could not be looked for, no source would show it: { $mechanisms }

## Sources

col-file = File
col-parser = Parser
col-lines = Lines
col-understood = Understood
col-not-understood = Not understood
col-clock = Clock
