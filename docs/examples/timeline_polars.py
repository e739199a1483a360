"""Which layer failed first, and how often? python timeline_polars.py timeline.parquet"""

import sys

import polars as pl

timeline = pl.scan_parquet(sys.argv[1])

failures = (
    timeline.filter(pl.col("fivexx.role").is_in(["failure", "failed_request", "unlogged_failure"]))
    .group_by("fivexx.layer", "name")
    .agg(pl.col("timestamp").min().alias("first"), pl.col("count").sum().alias("times"))
    .sort("first", "times", descending=[False, True])
    .collect()
)
for layer, name, first, times in failures.iter_rows():
    print(f"{first:%H:%M:%S}  {layer:14} {name} {times}")

print("\nshare of failed requests a minute, at each web server's log")
role = pl.col("fivexx.role")
minutes = (
    timeline.filter(pl.col("fivexx.layer") == "web_server")
    .group_by(pl.col("timestamp").dt.truncate("1m").alias("minute"), pl.col("log.file.path").alias("file"))
    .agg(
        pl.col("count").filter(role == "request").sum().alias("requests"),
        pl.col("count").filter(role == "failed_request").sum().alias("failed"),
    )
    .filter(pl.col("requests") > 0)
    .sort("minute", "file")
    .collect()
)
for minute, file, requests, failed in minutes.iter_rows():
    print(f"{minute:%H:%M}  {file:24} {failed / requests:.1%}")
