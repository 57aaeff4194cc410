"""The web process's entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.urls import get_resolver

from connections.checks import verify_ring_at_boot

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clevertap_bq.settings")

application = get_wsgi_application()
# A server with a ring that opens nothing must not start (ADR 4).
verify_ring_at_boot(needs_database=False)
connections.close_all()  # gunicorn forks now, and a connection cannot be shared

# All that answers a request is loaded before the fork, and then left alone by the collector of
# rubbish: it would go over every class and function again in the middle of somebody's page, for
# 100 ms (docs/performance.md), and by its marks copy the memory that the processes share.
len(get_resolver().url_patterns)
gc.collect()
gc.freeze()
