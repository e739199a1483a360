## Words and sentences that all writers of the report share.

sure = sure
likely = likely
possible = possible
guess = a guess

# Between the members of a list, and between two clauses.
list-separator = {", "}
and-separator = {", and "}

layer-client = client
layer-load-balancer = load balancer
layer-web-server = web server
layer-app-queue = app server's listen queue
layer-app-server = app server
layer-app = application
layer-dependency = dependency
layer-host = host
layer-orchestration = orchestration
layer-none = none

failed-of = { $failed } of { $requests } requests failed ({ $share })
failures-logged =
    { $n ->
        [one] { $shown } failure logged (nothing here counts the requests)
       *[other] { $shown } failures logged (nothing here counts the requests)
    }
failed-requests =
    { $n ->
        [one] { $shown } failed request
       *[other] { $shown } failed requests
    }

failing-until = Requests that came until { $until } failed; after that, hardly anything but health checks did.
changed-before = { $says }, { $length } before the first failed request ({ $sources }). That may be a coincidence: look at what came with it.
changed-at-once = { $says }, in the second of the first failed request ({ $sources }). That may be a coincidence: look at what came with it.
length-seconds = { $s } s
length-minutes = { $m } min { $s } s
length-hours = { $h } h { $m } min

no-incident = No incident: requests were served as usual, and none was dropped beyond this site's baseline
not-enough-data = Not enough data: the sources hold neither requests to count nor failures
incident-n-of = Incident { $n } of { $all }

unexplained = unexplained
not-read = not read: { $path }: { $because }

## Who or what ended a request, and in which phase.

ended-by-client = client
ended-by-proxy = proxy
ended-by-server = server
ended-by-resource-limit = resource limit
ended-by-timer = timer
phase-queue = queue
phase-connect = connect
phase-sending = sending
phase-header = header
phase-body = body

## What the accounts of requests are made of.

from-requests = (request lines)
from-metric = (a metric, whole minutes)
from-failure-lines = (failure lines)
more-sources = { $n } more
ledger-unaccounted =
    { $n ->
        [one] Between { $layer } and { $next } { $shown } request did not arrive and did not fail: answered by the { $layer } itself, or it came to the { $next } outside the window.
       *[other] Between { $layer } and { $next } { $shown } requests did not arrive and did not fail: answered by the { $layer } itself, or they came to the { $next } outside the window.
    }
ledger-more-than-handed-on =
    { $n ->
        [one] The { $next } counts { $shown } request more than the { $layer } handed on: retries, health checks, or requests from elsewhere.
       *[other] The { $next } counts { $shown } requests more than the { $layer } handed on: retries, health checks, or requests from elsewhere.
    }

## Hosts, where a layer has several.

hosts-failing = { $failing } of { $all } { $layer }s: { $hosts } ({ $failures } failures, all others { $rest })
hosts-silent = { $hosts } of the { $layer }s logged no request meanwhile
hosts-silent-while-others-went-on = { $hosts } of the { $layer }s logged no request meanwhile, while others went on
hosts-alike = all { $all } { $layer }s failed alike

## Headings of sections.

heading-impact = Impact
heading-timeline = Timeline
heading-root-cause = Root cause
heading-contributing = Contributing factors
heading-detection = Detection
heading-actions = Actions
heading-evidence = Evidence
heading-accounts = Where the requests went
heading-ruled-out = Ruled out
heading-looked-for = Looked for
heading-missing = What would make it surer
heading-remarks = Remarks
heading-sources = Sources
heading-of-incident = { $heading } of incident { $n }
