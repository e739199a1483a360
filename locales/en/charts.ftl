## Charts: the timeline of an incident and the way of its requests.

chart-timeline-title = Requests and failures by layer
chart-flow-title = Where the requests went
chart-timeline-desc = From { $from } to { $to } UTC in steps of { $step }. Requests failed from { $start } to { $end }.
chart-span = { $from } to { $to } UTC, steps of { $step }
chart-window = requests failed

# Names beside the lanes: short.
chart-layer-client = Client
chart-layer-load-balancer = Load balancer
chart-layer-web-server = Web server
chart-layer-app-queue = Listen queue
chart-layer-app-server = App workers
chart-layer-app = Application
chart-layer-dependency = Dependency
chart-layer-host = Host
chart-layer-orchestration = Deploys, services
chart-layer-none = None

# Scales under the names.
chart-requests-up-to = requests: up to { $n }/s
chart-lines-up-to = lines: up to { $n }/s
chart-time-up-to = time: up to { $s } s
chart-no-source = no log of its own

chart-legend-requests = requests
chart-legend-failed = failed
chart-legend-lines = log lines that tell of it
chart-legend-time = time of a request (line: mean; area: longest)
chart-legend-none = no source covers this time

# A place under the pointer.
chart-hover-requests = { $layer }: { $requests } requests, { $failed } failed
chart-hover-lines = { $layer }: { $n } lines that tell of failures
chart-hover-time = { $layer }: { $mean } s a request, at most { $max } s
chart-hover-none = { $layer }: no source

chart-flow-received = { $received } requests received, { $failed } failed, { $kept } not passed on
chart-flow-received-last = { $received } requests received, { $failed } failed
chart-flow-failing = { $failed } failures logged; nobody counts its requests
chart-flow-dropped = { $n } dropped here: { $mechanism }
chart-flow-unexplained = { $n } failed requests are unexplained

## The lanes on a terminal.

lanes-heading = Failures over time
lanes-flow = Requests, layer by layer
lanes-failed = failed
lanes-requests = requests
lanes-lines = lines
lanes-time = time
lanes-most = up to { $n }/s
lanes-longest = up to { $s } s

## The page (HTML).

page-copy = Copy
page-copied = Copied
page-skip = To the answer

page-when = When:
page-changed = Right before:
page-impact = Impact:
page-place = At:
page-course = What happened over time
page-seen-as = seen as { $n } × { $what }
page-weighs = for { $mechanism }, weight { $weight }
page-no-line = No line can be quoted for this: it is measured or counted.
page-ledger = Requests by layer
page-by-host = Host by host
page-host-failing = failing
page-host-silent = silent while others went on
page-host-as-the-others = failing as the others
page-host-well = well
page-not-found = Looked for and not found: { $n }
page-no-source = Could not be looked for, no source would show it: { $n }
page-not-understood = Not understood, first of { $n }:

page-col-host = Host
page-col-state = State
page-failed = { $failed } ({ $counted })

step-seconds = { $n } s
step-minutes = { $n } min
step-hours = { $n } h
