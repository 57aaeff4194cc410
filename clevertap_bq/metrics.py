"""/metrics for Prometheus: open to who carries the token, and to nobody while none is set."""

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from imports.measures import measures

PREFIX = "clevertap_bq_"


@login_not_required
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    expected = f"Bearer {settings.METRICS_TOKEN}"
    if not settings.METRICS_TOKEN:
        raise Http404
    if not constant_time_compare(request.headers.get("Authorization", ""), expected):
        return HttpResponse("A bearer token is needed.\n", status=401, content_type="text/plain")
    registry = CollectorRegistry()
    registry.register(_Measures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Measures(Collector):
    def describe(self) -> list[GaugeMetricFamily]:
        return []  # else it would be collected once more, only to be described

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for measure in measures(now=timezone.now()):
            family = GaugeMetricFamily(PREFIX + measure.name, measure.says, labels=[measure.label])
            for word, value in sorted(measure.values.items()):
                family.add_metric([word], value)
            yield family
