"""Starts moto's server with its log service's clock set to the day of the recordings: it refuses events older than two weeks."""
import datetime
import sys

import moto.logs.models
from moto.server import main

moto.logs.models.utcnow = lambda: datetime.datetime(2026, 11, 21, 12)
main(["-H", "127.0.0.1", "-p", sys.argv[1]])
