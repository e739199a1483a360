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
chart-layer-app-server = App server, workers
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

lanes-heading = Failures over time (a column is { $step })
lanes-flow = Requests, layer by layer
lanes-key = failed of the requests of the moment, and lines of the log beside; · no source, _ nothing
lanes-failed = failed
lanes-requests = requests
lanes-lines = lines
lanes-time = time
lanes-not-passed-on = { $n } not passed on
lanes-most = up to { $n }/s
lanes-longest = up to { $s } s

## The page (HTML).

page-copy = Copy
page-copied = Copied
page-skip = To the answer

page-incident = Incident { $n } of { $all }
page-made = Written by fivexx { $version } at { $at }.
page-dropped-at = Dropped at the { $layer }: { $title }
page-root = Root cause:
page-root-other = { $title } ({ $layer })
page-root-same = the same; nothing behind it shows
page-root-unknown = not known from these sources
page-when = When:
page-impact = Impact:
page-hosts = Hosts:
page-place = At:
page-clock = Clock:
page-clock-unknown = Clock not known:
page-clocks-more = Clocks of { $n } more sources: below.
page-course = What happened over time
page-remedies = What to change
page-reference = Reference
page-chain = What followed what
page-seen-as = seen as { $n } × { $what }
page-evidence = Evidence
page-weighs = for { $mechanism }, weight { $weight }
page-no-line = No line can be quoted for this: it is measured or counted.
page-drop-points = Where failed requests were dropped
page-ledger = Requests by layer
page-unexplained = unexplained
page-all-failed = all failed requests
page-by-host = Host by host
page-host-failing = failing
page-host-silent = silent while others went on
page-host-as-the-others = failing as the others
page-host-well = well
page-missing = What would make it surer
page-ruled-out = Ruled out
page-looked-for = Looked for
page-not-found = Looked for and not found: { $n }
page-no-source = Could not be looked for, no source would show it: { $n }
page-remarks = Remarks
page-sources = Sources
page-period = Together they cover { $window }.
page-not-understood = Not understood, first of { $n }:
page-not-read = not read

page-col-time = Time (UTC)
page-col-layer = Layer
page-col-what = What
page-col-dropped-at = Dropped at
page-col-mechanism = Mechanism
page-col-ended-by = Ended by
page-col-phase = Phase
page-col-requests = Requests
page-col-from = Counted from
page-col-received = Received
page-col-answered = Answered
page-col-failed = Failed
page-col-not-passed-on = Not passed on
page-col-host = Host
page-col-state = State
page-col-file = File
page-col-parser = Parser
page-col-lines = Lines
page-col-understood = Understood
page-col-not-understood = Not understood
page-col-clock = Clock
