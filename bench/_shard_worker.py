"""One worker of ``bench.two_workers``: takes what there is of a run until it has ended.

Its rows come from memory, page by page, and its CleverTap answers at once, so that neither is
the limit. Waits for a line, with the run's id; prints when it is ready, and what processor time it took.
"""

import gc
import os
import sys
import time
from typing import Any


def main(rows: int, page_seconds: float) -> None:
    """Until the run is over."""
    import django  # noqa: PLC0415 - its settings come from the environment

    os.environ["DJANGO_SETTINGS_MODULE"] = "clevertap_bq.settings"
    django.setup()
    from imports.models import Run, Shard  # noqa: PLC0415
    from imports.runner import execute, execute_run  # noqa: PLC0415
    from tests.fakes import FakeBigQuery, FakeCleverTap  # noqa: PLC0415

    class Source(FakeBigQuery):
        def read_page(self, *args: Any, **options: Any) -> Any:
            time.sleep(page_seconds)
            return super().read_page(*args, **options)

    class Sink(FakeCleverTap):
        def upload(self, body: bytes, **options: Any) -> Any:
            answer = super().upload(body, **options)
            self.bodies.clear()
            return answer

    source = Source([[f"c{number}", f"c{number}@shop.example"] for number in range(rows)])
    gc.freeze()  # its rows are no garbage: looking at each again would be measured, too
    execute.open_bigquery = lambda *_, **__: source
    execute.open_clevertap = lambda _: Sink()
    print("ready", flush=True)
    run_id = sys.stdin.readline().strip()
    began = time.process_time()
    while Run.objects.active().filter(pk=run_id).exists():
        shards = Shard.objects.claimable().filter(run=run_id).order_by("number")
        work = shards.values_list("pk", flat=True).first() or run_id
        if execute_run(run_id=work) is None and not shards.exists():
            time.sleep(0.02)  # a bell would wake it
    print(time.process_time() - began, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
