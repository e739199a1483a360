## Sentences of the verdict. Those of a cause are in causes/, with their translations in locales/LANGUAGE/definitions/.

unexplained-title = Requests failed, and no source says why
unexplained-says = The failures are counted, but none of the sources shows a sign of any known mechanism.
unexplained-error = errors of the kind { $signal } in the time of the failures ({ $n }): no known cause follows from them
root-unknown-title = Not known
root-unknown-says = What lies behind it cannot be told from these sources.
counted-by-requests = request lines of the { $layer }
counted-by-metric = metrics of the { $layer }
counted-by-failure-lines = error lines, since no source logs the requests
first-failed-request = first failed request
last-failed-request = last failed request
begins-late = it begins { $seconds } s after the failures: { $sign }
weaker-signs = its signs are weaker than those of the verdict: { $sign }
would-show-in = it would show in: { $sources }
no-sign-in = no sign in: { $sources }
missing-web-server = the error log of the web server, for the time of the failures
missing-app-server = the log of the app server, for the time of the failures
missing-kind = no source of this kind covers the window: { $kind }

## Remarks

remark-timeless = No line carries a time: the times shown are those of this analysis.
remark-crowd =
    { $n ->
        [one] { $path }: lines of more than { $most } hosts or formats; { $shown } line of the others is counted together.
       *[other] { $path }: lines of more than { $most } hosts or formats; { $shown } lines of the others are counted together.
    }
remark-left-out = { $path }: { $read } of { $all } MiB were read. The rest lies outside the time asked for.
remark-own-format =
    { $n ->
        [one] { $path }: { $shown } line is not understood and looks like a request in a format of your own. Give nginx.conf or uwsgi.ini too, or --nginx-format or --uwsgi-format.
       *[other] { $path }: { $shown } lines are not understood and look like requests in a format of your own. Give nginx.conf or uwsgi.ini too, or --nginx-format or --uwsgi-format.
    }
remark-overlong =
    { $n ->
        [one] { $path }: { $shown } line is longer than 1 MiB and was not looked into.
       *[other] { $path }: { $shown } lines are longer than 1 MiB and were not looked into.
    }
remark-places =
    { $n ->
        [one] { $path }: more than { $most } values of `{ $field }`; { $shown } line that names another is counted under "…".
       *[other] { $path }: more than { $most } values of `{ $field }`; { $shown } lines that name others are counted under "…".
    }
remark-failures-outside =
    { $n ->
        [one] { $shown } failed request outside the incidents: too few for an incident of its own.
       *[other] { $shown } failed requests outside the incidents: too few for an incident of their own.
    }
remark-stragglers =
    { $n ->
        [one] { $shown } more request failed right before or after the incidents, where failures were few: it is not in their counts.
       *[other] { $shown } more requests failed right before or after the incidents, where failures were few: they are not in their counts.
    }
remark-errors =
    { $n ->
        [one] One error of the kind { $signal } was logged, at { $first } ({ $paths }).
       *[other] { $shown } errors of the kind { $signal } were logged from { $first } to { $last } ({ $paths }).
    }
remark-failures-few =
    { $n ->
        [one] { $shown } failed request outside the incidents: too few to tell from chance, and the logs are too short to tell what is usual.
       *[other] { $shown } failed requests outside the incidents: too few to tell from chance, and the logs are too short to tell what is usual.
    }
remark-inner-only = Requests are counted by the { $layer } alone, which never sees those that are dropped before it: add the log of what stands in front.
remark-silence = Not one request was logged by the { $layer } from { $from } to { $to }, where about { $n } would be usual. What came then left no line here: look at the log of what stands in front, and at what was stopped.
remark-aborts =
    { $n ->
        [one] { $shown } line tells of a peer that hung up before the answer (a client, or the layer in front that gave up): a consequence, never the cause.
       *[other] { $shown } lines tell of a peer that hung up before the answer (a client, or the layer in front that gave up): a consequence, never the cause.
    }
