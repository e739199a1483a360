## Notifications and reports of the watch.

remark-going-on = No end of the incident was seen yet when this was written; the report is written again while it lasts.
tell-dropped-at = Requests dropped at the { $layer }: { $title } ({ $sure }).
tell-root = Root cause: { $title } ({ $layer }, { $share }).
tell-root-same = Nothing behind it shows.
tell-failed = { $failed }, { $since }, for { $length }.
tell-failed-ongoing = { $failed }, since { $since }, no end seen yet.
tell-over = Over: no request was dropped at the { $layer } since { $since } ({ $mechanism }).
tell-late = Requests were dropped at the { $layer }: { $mechanism } ({ $share }). Its logs are gone: this is what was seen while they were there.
tell-lasted =
    { $n ->
        [one] It lasted { $length } from { $since } on; { $shown } request failed.
       *[other] It lasted { $length } from { $since } on; { $shown } requests failed.
    }
field-dropped-at = Dropped at
field-root-cause = Root cause
field-from = From
field-to = To
field-last-so-far = Last failure so far
field-at = At
field-report = Report
field-note = Note
note-repeated = an earlier attempt to send this may have arrived
