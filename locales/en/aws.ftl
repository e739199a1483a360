## What AWS did not give, and what to do.

aws-no-credentials = no AWS credentials were found; set AWS_PROFILE, log in with `aws sso login`, or run where a role is attached ({ $why })
aws-no-region = no AWS region is set; give --region, set AWS_REGION, or write `region` into fivexx.toml
aws-bad-credentials = AWS refused these credentials ({ $code }); renew them, and check this machine's clock
aws-denied = access denied: the IAM permission { $permission } is missing
aws-no-such-bucket = there is no such bucket; check its name, the account and the region
aws-no-such-object = there is no such object; check its name, the account and the region
aws-no-such-log-group = there is no such log group; check its name, the account and the region
aws-no-such-topic = there is no such topic; check its name, the account and the region
aws-no-such-load-balancer = there is no such load balancer; check its name, the account and the region
aws-other-region = { $service } says that this lies in another region; give its region with --region
aws-unreachable = { $service } cannot be reached: { $why }
aws-throttled = { $service } throttled the calls until the time was up; ask for less, or raise `time_budget`
aws-timed-out = { $service } did not answer in time
aws-budget = time_budget `{ $text }`: { $why }; write 90s or 2m
aws-out-of-time = the time budget of this run was used up; raise `time_budget` in fivexx.toml
aws-away = { $service } failed several times in a row and was not asked again for a while
aws-broken = an answer of { $service } broke off: { $why }
aws-refused = { $permission } failed: { $code }: { $message }

## Metrics

aws-no-metric-kept = CloudWatch keeps no metric of this time: it lies ahead, or more than 455 days back
aws-no-points = no points from { $from } to { $to }: no traffic, or not the load balancer that is meant
aws-still-counted = minutes from { $from } on are still being counted: failures that they show are used, what they do not show is not taken for a recovery
aws-only-sums = CloudWatch keeps only sums of { $minutes } minutes of a time that far back
aws-metric-forbidden = { $metric } may not be read by these credentials
aws-given-in-part = CloudWatch gave them in part
aws-series-not-whole = { $partial } of { $all } series did not come whole ({ $metrics }): { $because }; what is missing of them is not taken for zero
aws-cloudwatch-says = CloudWatch says: { $message }
aws-sent-no-metric = { $load_balancer } sent no metric in the last two weeks; check the region ({ $region })
aws-target-groups-unknown = its target groups are not known, so their hosts are not looked at: { $fault }
aws-no-load-balancer-at-all = no load balancer has sent metrics in { $region } within two weeks; check region and account
aws-no-load-balancer-but-near = there is no load balancer `{ $wanted }` in { $region }; did you mean `{ $near }`?
aws-no-load-balancer-but-others = there is no load balancer `{ $wanted }` in { $region }; there are { $others }

## Log groups

aws-size-unknown = its size is not known, so its lines are read one by one: { $fault }
aws-no-event = no event of the window lies there
aws-group-too-dear = not read: about { $bytes } GB are too many to stream, and Logs Insights would read { $gb } GB ({ $readings } times the window, ${ $dollars }), more than is left of the run's max_scan_gb; narrow the window with --since or raise --max-scan-gb
aws-group-too-large = not read: about { $bytes } GB are too many to stream, and its lines are of no shape that Logs Insights can count (JSON, or in an envelope); narrow the window with --since
aws-query-failed = a query for { $format } failed, so its counts are too low: { $fault }
aws-counted-by-insights = counted by { $queries } queries of Logs Insights, which read { $gb } GB
aws-unseen = such queries do not see { $parts }
aws-unseen-blocks = events of several lines, and what stands among them without a time (tracebacks) ({ $signals })
aws-unseen-last-resorts = events that are told only by no other fitting ({ $signals })
aws-unseen-shapes = lines that a query cannot cut (JSON, a time of an unusual form) ({ $signals })
aws-unseen-values = values that stand within a message ({ $signals })
aws-unseen-wrapped = lines in an envelope ({ $wrapped } of { $all } looked at)
aws-unseen-quantiles = quantiles, and lines of no weight
aws-nothing-to-quote = no line was fetched to be quoted of { $signals }

## Access logs

aws-folder-not-listed = the folder of account { $account } could not be listed: { $fault }
aws-no-access-log = no access log of the window lies there (looked under { $root }, days { $days }); are access logs switched on, and is this the right prefix?
aws-athena-too-dear = Athena would read { $gb } GB, more than the { $most } GB that max_scan_gb allows; only the newest objects were read
aws-too-many-access-logs = { $gb } GB of access logs are too many to read within time_budget; only the newest were read. Narrow the window, or set up [aws.athena]
aws-objects-not-read = { $missing } of its { $all } objects could not be read, { $key } the first: { $fault }
aws-no-alb-parser = there is no parser `alb_access`
aws-counted-by-athena = counted by Athena, which read { $gb } GB: there are no lines to quote, and no quantiles
aws-uncut =
    { $n ->
        [one] { $shown } line of these days was not cut by the table's regex (see docs/aws.md)
       *[other] { $shown } lines of these days were not cut by the table's regex (see docs/aws.md)
    }
