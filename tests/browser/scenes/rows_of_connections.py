"""Connections in every status, with their keys, tests and lists of datasets."""

from datetime import timedelta

from connections import cures, status
from connections.models import (
    Access,
    Connection,
    ConnectionTest,
    ConnectionTestStep,
    DeletionChoice,
    FormerKey,
    Lookup,
)
from connections.privileges import MAY_WRITE, WHOLE_PROJECT
from connections.services.lookups import NO_WORKER
from connections.steps import STEPS
from tests.browser.scenes.rows_of_people import DAY, HOUR, MINUTE, NOW, SOON
from tests.browser.scenes.scene import ADMIN, STRANGER, row
from tests.factories import ConnectionFactory, StoredKeyFactory

# A hundred characters are the most; none of them is a place to break the line.
LONGEST_NAME = "Customers_of_every_shop_" + "x" * 76
LONGEST_PROJECT = "a-very-long-project-name-4711x"
LONGEST_DATASET = "dataset_" + "d" * 248
LONGEST_EMAIL = (
    f"{'importer-of-everythingxxxxxxxxx'[:30]}@{LONGEST_PROJECT}.iam.gserviceaccount.com"
)
NAMES = {
    "verified": "Production",
    "failed": "Staging without a role",
    "inconclusive": "Google did not answer",
    "untested": "Never tested",
    "testing": "Being tested",
    "unreadable": "Key of another ring",
    "long": LONGEST_NAME,
    "arabic": "قاعدة بيانات العملاء في المتجر الرئيسي",
    "chinese": "上海旗舰店客户数据仓库生产环境",
    "emoji": "🛒🧾 Shop 👩‍👩‍👧‍👦 <b>&amp;</b>",
    "sandbox": "Sandbox shop",
    "excess": "Owner of the whole project",
    "read only": "Read only, may write",
    "many": "Reads sixty tables",
}
TEXT = "Checked: {}."
CAUSES = [
    {
        "title": "The account has no BigQuery Job User on the project.",
        "tell": "The list of its roles does not name it.",
        "then": "Grant it with the command above.",
        "commands": [{"label": "Roles", "code": "gcloud projects get-iam-policy shop-4711"}],
    },
    {
        "title": "It was granted a moment ago.",
        "tell": "The role is listed. A grant takes two minutes, at times seven or more.",
        "then": "Wait, then check again.",
        "commands": [],
    },
]


def all_of_them(people):
    places = {kind: _place(kind, people) for kind in NAMES}
    _verdicts(places, people)
    _history(places["verified"], people)
    _former_keys(places["verified"], people)
    _datasets(places, people)
    for number in range(40):
        ConnectionFactory(name=f"Region {number:02}", created_at=NOW - number * DAY)
    return places | _leaving(places, people)


def _place(kind, people):
    long = kind == "long"
    key = StoredKeyFactory(
        client_email=LONGEST_EMAIL
        if long
        else f"importer@{_project(kind)}.iam.gserviceaccount.com",
        project_id=_project(kind),
        google="sandbox" if kind == "sandbox" else "google",
        uploaded_by=people[STRANGER if long else ADMIN],
        uploaded_at=NOW - (140 if long else 12) * DAY,
        repairs=["A byte order mark at the beginning was taken off."] if long else [],
    )
    return ConnectionFactory(
        id=row(f"connection {kind}"),
        name=NAMES[kind],
        project_id=_project(kind),
        dataset_id=LONGEST_DATASET if long else "shop",
        location="northamerica-northeast1" if long else "EU",
        access=Access.READ_ONLY if kind == "read only" else Access.READ_WRITE,
        key=key,
        created_by=people[STRANGER if long else ADMIN],
        created_at=NOW - HOUR * list(NAMES).index(kind),
    )


def _project(kind):
    return LONGEST_PROJECT if kind == "long" else "shop-4711"


def _verdicts(places, people):
    made = {
        "verified": {"verdict": "verified"},
        "failed": {"verdict": "failed", "failing": "jobs", "reason": "permission_denied"},
        "inconclusive": {"verdict": "inconclusive", "failing": "project", "reason": "timeout"},
        "testing": {"verdict": ""},
        "unreadable": {
            "verdict": "failed",
            "failing": "key",
            "reason": status.KEY_UNREADABLE_REASON,
        },
        "long": {"verdict": "failed", "failing": "write", "reason": "permission_denied"},
        "sandbox": {"verdict": "verified"},
        "excess": {"verdict": "verified", "excess": [WHOLE_PROJECT]},
        "read only": {"verdict": "verified", "excess": [WHOLE_PROJECT, MAY_WRITE]},
        "many": {"verdict": "verified"},
        "emoji": {"verdict": "verified"},
    }
    for kind, facts in made.items():
        place = places[kind]
        place.latest_test = _test(place, people[ADMIN], row_name=f"test {kind}", **facts)
        place.save()


def _test(place, by, *, verdict, row_name="", failing="", reason="", excess=(), at=None, **more):
    asked = at or (NOW - 20 * MINUTE if verdict else SOON)
    test = ConnectionTest.objects.create(
        id=row(row_name) if row_name else ConnectionTest._meta.get_field("id").default(),
        connection=place,
        key=place.key,
        project_id=place.project_id,
        dataset_id=place.dataset_id,
        access=place.access,
        fingerprint=status.fingerprint_of(place),
        requested_by=by,
        requested_at=asked,
        started_at=asked,
        finished_at=asked + timedelta(seconds=3.4) if verdict else None,
        verdict=verdict,
        reason=reason,
        location=place.location,
        excess=list(excess),
        **more,
    )
    results = _results(verdict, failing)
    ConnectionTestStep.objects.bulk_create(
        _step(test, position, step, results[step.code]) for position, step in enumerate(STEPS)
    )
    return test


def _results(verdict, failing):
    """Up to the one that fails all pass; what stands behind it is not needed any more."""
    results, after = {}, False
    for number, step in enumerate(STEPS):
        if not verdict:
            results[step.code] = ("passed", "passed", "running", "waiting")[min(number, 3)]
        elif step.code == failing:
            results[step.code] = "failed" if verdict == "failed" else "unknown"
            after = True
        else:
            results[step.code] = "not_needed" if after else "passed"
    return results


def _step(test, position, step, result):
    troubled = result in {"failed", "unknown"}
    return ConnectionTestStep(
        test=test,
        position=position,
        code=step.code,
        title=step.title,
        result=result,
        reason="permission_denied" if troubled else "",
        sentence=_sentence(test, result),
        cure=_cure(test) if troubled else {},
        milliseconds=None if result in {"waiting", "running"} else 180 + 41 * position,
    )


def _sentence(test, result):
    place = f"{test.project_id}.{test.dataset_id}"
    if result == "failed":
        return f"The account may not start jobs in {place}, so no query can be run there."[:500]
    if result == "unknown":
        return "Google did not answer within 5 seconds. This says nothing about the key."
    return f"Done in location {test.location}." if result == "passed" else ""


def _cure(test):
    grant = cures.grant_on_dataset(
        role=cures.JOB_USER,
        project=test.project_id,
        dataset=test.dataset_id,
        email=test.key.client_email,
        permission="bigquery.jobs.create",
    )
    return grant.to_json() | {
        "sentence": "Give the account one role, then check again. It takes up to a minute.",
        "causes": CAUSES,
    }


def _history(place, people):
    """Two pages and more of tests, of each verdict and each trigger."""
    kinds = [
        {"verdict": "verified"},
        {"verdict": "failed", "failing": "read", "trigger": "daily"},
        {"verdict": "inconclusive", "failing": "project", "trigger": "failed_run"},
    ]
    for number in range(57):
        facts = kinds[number % 3]
        by = None if "trigger" in facts else people[STRANGER if number % 2 else ADMIN]
        _test(place, by, at=NOW - (number + 1) * DAY, **facts)


def _former_keys(place, people):
    """One that can come back, one whose time is over, one that is gone, one brought back."""
    ages = {"restorable": 2, "overdue": 9, "gone": 30, "restored": 50}
    for kind, days in ages.items():
        gone = {"sealed_key": None, "destroyed_at": NOW - DAY} if kind == "gone" else {}
        FormerKey.objects.create(
            id=row(f"former key {kind}"),
            connection=place,
            key=StoredKeyFactory(**gone),
            replaced_at=NOW - days * DAY,
            replaced_by=people[STRANGER],
            restorable_until=NOW + (7 - days) * DAY,
            restored_at=NOW - 49 * DAY if kind == "restored" else None,
        )


def _datasets(places, people):
    """What Edit finds beside Dataset ID: a list, a refusal, and one still on its way."""
    answer = [{"id": f"shop_{number:02}", "location": "EU"} for number in range(24)]
    for kind in NAMES:
        place = places[kind]
        question = {
            "kind": Lookup.Kind.DATASETS,
            "key": place.key,
            "project_id": place.project_id,
            "requested_by": people[ADMIN],
            "requested_at": SOON,
        }
        ends = {
            "testing": {},
            "failed": {"finished_at": SOON, "failure_sentence": NO_WORKER},
        }
        Lookup.objects.create(**question, **ends.get(kind, {"finished_at": SOON, "answer": answer}))


def _leaving(places, people):
    """Deletions: under way in two ways, and over in two ways."""
    common = {
        "deletion_requested_at": NOW - HOUR,
        "deletion_requested_by": people[ADMIN],
        "project_id": "shop-4711",
        "dataset_id": "shop",
    }
    over = {"state": Connection.State.DELETED, "deleted_at": NOW - 50 * MINUTE}
    under_way = {"state": Connection.State.DELETING}
    kinds = {
        "stopping": (under_way, DeletionChoice.STOP, None),
        "finishing": (under_way, DeletionChoice.FINISH, None),
        "deleted": (over, DeletionChoice.STOP, None),
        "moved": (over, DeletionChoice.MOVE, places["long"]),
    }
    return {
        kind: ConnectionFactory(
            id=row(f"connection {kind}"),
            name=f"Leaving, {kind}",
            key=StoredKeyFactory(
                **({"sealed_key": None, "destroyed_at": NOW} if state is over else {})
            ),
            deletion_choice=choice,
            moved_to=target,
            created_by=people[ADMIN],
            created_at=NOW - 3 * HOUR,
            **state,
            **common,
        )
        for kind, (state, choice, target) in kinds.items()
    }
