"""The product's settings and Django's admin, which only this benchmark knows."""

from clevertap_bq.settings import *  # noqa: F403  # the product's, whole
from clevertap_bq.settings import INSTALLED_APPS as _APPS

INSTALLED_APPS = [*_APPS, "django.contrib.admin"]
ROOT_URLCONF = "bench._list_urls"
