"""A believable company, by the ORM, in the product that the pictures are taken of.

Called by ``product.in_the_product``. Its days are counted from today, so that nothing
looks forgotten; ``steady.js`` shows them as days of a fixed year.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.models import User
from connections.models import Connection
from imports.models import Import, Run
from tests.factories import ConnectionFactory, RunFactory
from tests.screenshots.story import ADMIN, COLLEAGUES, CONNECTION, IMPORT, ZONE
from tests.web.connections.list_page import let_speak

# The mornings before today: rows read, refused, unknown. One failed, one was stopped.
MORNINGS = (
    *((118_204, 2_131, 0), (118_377, 2_133, 0), (118_502, 2_140, 0), (0, 0, 0)),
    *((118_911, 2_148, 0), (119_020, 2_150, 0), (64_000, 1_152, 0), (119_403, 2_153, 0)),
    *((119_466, 2_154, 0), (119_702, 2_157, 0), (119_858, 2_158, 0)),
)
FAILED_MORNING, STOPPED_MORNING = 3, 6
# Name, project, dataset, verdict of its test ("" is none), days ago, whose.
OTHERS = (
    ("Loyalty programme", "acme-loyalty", "members", "verified", 5, 0),
    ("Support desk", "acme-support", "tickets", "failed", 9, 1),
    ("Web shop France", "acme-shop-fr", "crm", "inconclusive", 16, 0),
    ("Marketing lake", "acme-lake", "audiences", "", 23, 1),
)


def people():
    """The first admin gets a name and a zone; two colleagues join."""
    User.objects.filter(role="admin").update(email=ADMIN, time_zone=ZONE)
    for email in COLLEAGUES:
        User.objects.create_user(email=email, role="creator")


def history():
    """Two weeks of mornings, four more connections, and nothing that looks an hour old."""
    found = Connection.objects.get(name=CONNECTION)
    began = _morning(len(MORNINGS) + 1, hour=15)
    type(found.key).objects.filter(pk=found.key_id).update(uploaded_at=began)
    Connection.objects.filter(pk=found.pk).update(created_at=began)
    Import.objects.filter(nickname=IMPORT).update(created_at=began)
    _mornings(Import.objects.get(nickname=IMPORT))
    _other_connections([User.objects.get(email=email) for email in COLLEAGUES])


def _mornings(parent):
    for number, (read, refused, unknown) in enumerate(MORNINGS):
        at = _morning(len(MORNINGS) - number)
        RunFactory(
            parent=parent,
            snapshot=parent.runs.latest("queued_at").snapshot,
            queued_at=at,
            started_at=at + timedelta(seconds=1),
            finished_at=at + timedelta(seconds=14),
            **_outcome(number),
            read_count=read,
            accepted_count=read - refused - unknown,
            refused_count=refused,
            unknown_count=unknown,
        )


def _outcome(number):
    if number == FAILED_MORNING:
        return _as_a_real_one_failed()
    if number == STOPPED_MORNING:
        return {"state": "stopped", "stop_reason": f"Stopped by {ADMIN}."}
    return {"state": "succeeded"}


def _as_a_real_one_failed():
    """In the words of the run that failed a moment ago: none is made up here."""
    columns = ("state", "failure_code", "failure_sentence")
    return Run.objects.filter(state="failed").values(*columns).first()


def _other_connections(colleagues):
    for name, project, dataset, verdict, days, whose in OTHERS:
        person = colleagues[whose]
        made = ConnectionFactory(
            name=name,
            project_id=project,
            dataset_id=dataset,
            created_by=person,
            created_at=_morning(days, hour=11),
            key__uploaded_by=person,
            key__client_email=f"importer@{project}.iam.gserviceaccount.com",
        )
        if verdict:
            let_speak(made, verdict)


def _morning(days, hour=6):
    """That many days before today, as the viewer sees them."""
    zone = ZoneInfo(ZONE)
    day = datetime.now(zone).date() - timedelta(days=days)
    return datetime.combine(day, time(hour, 5), tzinfo=zone)
