"""What became of the results of runs that were to be written back."""

from imports.models import Import, WriteBack
from tests.browser.scenes.rows_of_people import MINUTE, NOW, SOON
from tests.browser.scenes.scene import row


def all_of_them():
    """Each state that a write-back can be in, on a run that is over."""
    Import.objects.filter(pk__in=[row("import run succeeded"), row("import run partly")]).update(
        write_back=True
    )
    sentence = (
        "The account may not create tables (table shop-4711.shop.clevertap_bq_runs). Grant it "
        "BigQuery Data Editor on the dataset, or make the connection read only."
    )
    over = {"finished_at": NOW, "asked_at": NOW - MINUTE}
    for kind, facts in {
        "succeeded": {"state": "done", "rows_written": 0, **over},
        "partly": {"state": "failed", "sentence": sentence, **over},
        "failed": {"sentence": "BigQuery has trouble of its own.", "not_before": SOON},
        "stopped": {"state": "dropped", "sentence": "It was switched off.", **over},
    }.items():
        WriteBack.objects.create(run_id=row(f"run {kind}"), **facts)
