## Clocks: zones that lines do not state, and clocks that run wrong.

basis-stated = stated
basis-given = given
basis-inferred = inferred
basis-assumed = assumed
clock-behind = { $s } s behind
clock-ahead = { $s } s ahead
clock-drifting = drifting
clock-set-anew = set anew

clock-line = { $source } { $says }
clock-shift = { $clauses } ({ $why }; { $sure })
clock-was-set-anew = has a clock that was set anew: { $parts }
clock-writes-local-time = writes local time, { $zone }
clock-runs-behind = runs { $s } s behind { $beside }
clock-runs-ahead = runs { $s } s ahead of { $beside }
clock-the-others = the others
clock-gains = gains { $rate }
clock-gains-against = gains { $rate } against { $beside }
clock-loses = loses { $rate }
clock-loses-against = loses { $rate } against { $beside }
rate-hour = { $s } s an hour
rate-day = { $s } s a day
clock-seen-in-both-requests = found from { $shared } requests seen in both
clock-seen-in-both-failures = found from { $shared } failures seen in both
segment-first = { $clock } at first
segment-from = { $clock } from { $from } on
segment-behind = { $zone } and { $s } s behind
segment-ahead = { $zone } and { $s } s ahead
segments-more = and { $n } changes more
clocks-all-unknown = The lines state no zone: times are shown as they were written, whatever zone that is.
clock-unknown = The zone of { $which } is not known, nothing here tells it: taken as UTC, it may lie hours beside the other sources. Say it with --tz '{ $first }=ZONE'.
and-more = { $first } and { $n } more

## Why a clock is believed.

clock-lines-state-it = its lines state it
clock-collector-utc =
    { $n ->
        [one] the collector's UTC stands around its local time in { $shown } line
       *[other] the collector's UTC stands around its local time in { $shown } lines
    }
clock-epoch-beside =
    { $n ->
        [one] { $shown } of its lines holds seconds since 1970 beside the local time
       *[other] { $shown } of its lines hold seconds since 1970 beside the local time
    }
clock-given = given with --tz
clock-went-forward = the clocks went forward on { $day } at { $old }: there are no times from then to { $new }
clock-went-back = the clocks went back on { $day } at { $old }: times from { $new } on occur twice, and the first is meant where nothing tells
clock-second-of-fold = its times go back there, so these are the second of the two hours
clock-assumed = its lines state no zone and no neighbour tells: taken as UTC; say it with --tz
clock-only-there-it-meets = only in { $zone } do its times meet those of the other sources
clock-other-lines-state-it = its other lines state it
clock-neighbour-states = { $path } of the same server states it
clock-neighbour-has = { $path } of the same server has it
clock-another-part = another part of { $path } has it, from before or after its local times went back
clock-found-from-requests = found from { $shared } requests that { $beside } saw too
clock-found-from-failures = found from { $shared } failures that { $beside } saw too
