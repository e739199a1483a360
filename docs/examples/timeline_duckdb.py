"""Which layer failed first, and how often? python timeline_duckdb.py timeline.parquet"""

import sys

import duckdb

timeline = duckdb.read_parquet(sys.argv[1])

failures = duckdb.sql("""
    SELECT "fivexx.layer" AS layer, name, min(timestamp) AS first, sum(count)::BIGINT AS times
    FROM timeline
    WHERE "fivexx.role" IN ('failure', 'failed_request', 'unlogged_failure')
    GROUP BY ALL
    ORDER BY first, times DESC
""")
for layer, name, first, times in failures.fetchall():
    print(f"{first:%H:%M:%S}  {layer:14} {name} {times}")

print("\nrequests and failed requests a minute, at each web server's log")
minutes = duckdb.sql("""
    SELECT time_bucket(INTERVAL 1 MINUTE, timestamp) AS minute, "log.file.path" AS file,
           sum(count) FILTER ("fivexx.role" = 'request')::BIGINT AS requests,
           coalesce(sum(count) FILTER ("fivexx.role" = 'failed_request'), 0)::BIGINT AS failed
    FROM timeline
    WHERE "fivexx.layer" = 'web_server'
    GROUP BY ALL
    HAVING requests > 0
    ORDER BY minute, file
""")
for minute, file, requests, failed in minutes.fetchall():
    print(f"{minute:%H:%M}  {file:24} {failed} of {requests}")
