"""The smallest application that can be slow: /slow takes a second, anything else answers at once with the name of the site's folder."""

import os
import time


def application(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        time.sleep(1)
    body = os.path.basename(os.getcwd()).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
