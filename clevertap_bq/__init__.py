"""The project: wiring only. Domain words live in accounts, connections and imports."""

from clevertap_bq.celery import app as celery_app

__all__ = ["celery_app"]
