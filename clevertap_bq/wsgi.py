"""The web process's entry point."""

import os

from django.core.wsgi import get_wsgi_application
from django.db import connections

from connections.checks import verify_ring_at_boot

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clevertap_bq.settings")

application = get_wsgi_application()
# A server with a ring that opens nothing must not start (ADR 4).
verify_ring_at_boot(needs_database=False)
connections.close_all()  # gunicorn forks now, and a connection cannot be shared
