## What was masked before the report was written.

masked = Masked above: { $kinds }. Equal numbers stand for equal values; the lines are whole in the logs.
masked-off = Nothing was masked: secrets and personal data of the logs may stand in this report. Do not pass it on.
masked-kind = { $kind } ({ $n })
masked-query = values in query strings
masked-ip = IP addresses
masked-secret = passwords and secrets
masked-cookie = cookies
masked-session = session ids
masked-authorization = authorization headers
masked-token = tokens
masked-key = keys
masked-email = e-mail addresses
