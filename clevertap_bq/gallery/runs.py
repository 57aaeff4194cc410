"""Samples of work under way: tests step by step, the wizard, progress, sums; and what to copy."""

from typing import Any

from clevertap_bq.gallery.contents import Component, Group, State, states
from clevertap_bq.gallery.words import CHINESE, GRANT, SENTENCE, UNBROKEN

CAUSES = [
    {
        "title": "The account has no BigQuery Job User on the project.",
        "tell": "The list of its roles does not name it.",
        "then": "Grant it with the command above.",
        "commands": [{"label": "Roles", "code": "gcloud projects get-iam-policy acme-analytics"}],
    },
    {
        "title": "It was granted a moment ago.",
        "tell": "The role is listed. A grant takes two minutes, at times seven or more.",
        "then": "Wait, then check again.",
        "commands": [],
    },
]
CURE = {
    "sentence": "Give the account one role, then check again. It takes up to a minute.",
    "permission": "bigquery.jobs.create",
    "resource": "acme-analytics",
    "role": "BigQuery Job User",
    "commands": [GRANT],
    "causes": CAUSES,
    "link": {"url": "https://console.cloud.google.com/iam-admin", "title": "Open IAM"},
}


def _step(title: str, result: str, sentence: str = "", **more: Any) -> dict[str, Any]:
    word = {"unknown": "Could not tell", "running": "Checking", "not_needed": "Not needed"}
    return {
        "title": title,
        "result": result,
        "result_label": word.get(result, result.capitalize()),
        "sentence": sentence,
        "milliseconds": None,
        **more,
    }


PASSED = [
    _step("The key is well formed", "passed", milliseconds=3),
    _step("Google accepts the key", "passed", "An access token was granted.", milliseconds=212),
]
UNDER_WAY = [
    *PASSED,
    _step("BigQuery Data Editor", "running"),
    _step("Fast reads", "waiting"),
]
ENDED = [
    *PASSED,
    _step(
        "BigQuery Job User",
        "failed",
        "The account may not start jobs in the project “acme-analytics”.",
        milliseconds=640,
        cure=CURE,
        retry_url="?",
        id="jobs",
    ),
    _step(
        "Tables can be read",
        "unknown",
        "Google did not answer within 5 seconds. This says nothing about the key.",
        milliseconds=5000,
        retry_url="?",
        id="tables",
    ),
    _step("Fast reads", "not_needed", "The import takes the slower path without this role."),
]
WIZARD = [
    {"title": "Configure Import", "state": "done", "url": "?"},
    {"title": "Map", "state": "current"},
    {"title": "Schedule", "state": "todo"},
]
LONG = [
    _step(SENTENCE, "failed", UNBROKEN, milliseconds=128_000, id="long"),
    _step(CHINESE, "passed", milliseconds=1, id="chinese"),
]


def group() -> tuple[Group, ...]:
    """Tests, runs, and code."""
    return (
        Group("Steps", "steps", _steps()),
        Group("Runs", "runs", (*_runs(), *_waiting())),
        Group("Code", "code", _code()),
    )


def _steps() -> tuple[Component, ...]:
    return (
        Component(
            "step_list",
            "Checks one after the other, each with its result and, when it failed, the cure.",
            (
                State(
                    "under way",
                    "gallery/_steps.html",
                    {"steps": UNDER_WAY, "label": "Test under way"},
                ),
                State(
                    "ended, with a cure",
                    "gallery/_steps.html",
                    {"steps": ENDED, "label": "Test that failed"},
                ),
                State("too long", "gallery/_steps.html", {"steps": LONG, "label": "Long test"}),
            ),
        ),
        Component(
            "causes",
            "What a failure may come from, most likely first.",
            states(
                "components/causes.html",
                one={"causes": CAUSES[:1], "key": "one"},
                many={"causes": CAUSES, "key": "many"},
            ),
            layout="pair",
        ),
        Component(
            "wizard_steps",
            "Where one is in Configure, Map, Schedule.",
            states(
                "components/wizard_steps.html",
                in_the_middle={"label": "Steps of the import", "steps": WIZARD},
                one={"label": "One step", "steps": WIZARD[1:2]},
                too_long={
                    "label": "Long steps",
                    "steps": [{"title": SENTENCE, "state": "done"}, *WIZARD[1:]],
                },
            ),
        ),
        Component(
            "guide",
            "Numbered steps with something to copy, beside a form.",
            (State("default", "gallery/_guide.html", {"command": GRANT["code"]}),),
        ),
    )


def _progress(label: str, text: str, state: str, value: int, most: int) -> dict[str, Any]:
    return {"label": label, "text": text, "state": state, "value": value, "max": most}


def _sums(read: int, *parts: int, agrees: bool = True) -> dict[str, Any]:
    names = ("accepted", "refused", "skipped", "unknown")
    return {"read": read, "agrees": agrees, **dict(zip(names, parts, strict=True))}


def _runs() -> tuple[Component, ...]:
    speed = "1,284,000 of 1,930,220 · 4,100 a second · 3 minutes left"
    return (
        Component(
            "progress",
            "How far it is.",
            states(
                "components/progress.html",
                running=_progress("Rows sent", speed, "running", 1_284_000, 1_930_220),
                length_not_known={"label": "Waiting for BigQuery", "state": "running"},
                succeeded=_progress("Finished", "1,930,220 rows", "succeeded", 1, 1),
                failed=_progress("Failed", "480 of 1,000 rows", "failed", 480, 1000),
                paused=_progress("Paused", "480 of 1,000 rows", "paused", 480, 1000),
                stopped=_progress("Stopped", "480 of 1,000 rows", "stopped", 480, 1000),
                too_long=_progress(UNBROKEN, SENTENCE, "running", 1, 3),
            ),
        ),
        Component(
            "sums_bar",
            "What became of the rows: read = accepted + refused + skipped + unknown.",
            states(
                "components/sums_bar.html",
                all_four=_sums(1_930_220, 1_812_400, 81_620, 24_000, 12_200),
                one_row_of_a_million=_sums(1_000_000, 999_999, 1, 0, 0),
                all_accepted=_sums(120_000, 120_000, 0, 0, 0),
                nothing_read=_sums(0, 0, 0, 0, 0),
                sums_that_disagree=_sums(1000, 400, 100, 0, 0, agrees=False),
                very_large=_sums(98_765_432_109, 98_765_000_000, 432_109, 0, 0),
            ),
        ),
    )


def _waiting() -> tuple[Component, ...]:
    return (
        Component(
            "loading",
            "A lookup is under way; it takes no more room than its answer.",
            states(
                "components/loading.html",
                default={},
                with_words={"label": "Looking for the datasets that this key can see"},
                too_long={"label": SENTENCE},
            ),
        ),
        Component(
            "skeleton",
            "Grey rows in the place of a list that is on its way.",
            states(
                "components/skeleton.html",
                default={"label": "Loading the list"},
                two_rows={"rows": 2, "columns": 3, "label": "Loading two rows"},
            ),
        ),
        Component(
            "reload_hint",
            "In live parts, for browsers without JavaScript; with it, nothing is seen.",
            states("components/reload_hint.html", default={"url": "?"}),
        ),
    )


def _code() -> tuple[Component, ...]:
    return (
        Component(
            "code_block",
            "A command, SQL or JSON, with a Copy button.",
            states(
                "components/code_block.html",
                default=GRANT,
                one_line={"label": "SQL", "code": "CREATE SCHEMA IF NOT EXISTS crm_eu;"},
                too_long={"label": "Unbroken", "code": UNBROKEN * 2},
                many_lines={"label": "JSON", "code": "\n".join(f'"row": {n},' for n in range(40))},
            ),
            layout="pair",
        ),
        Component(
            "copy_line",
            "One value with a Copy button.",
            states(
                "components/copy_line.html",
                default={"code": "203.0.113.10"},
                too_long={"code": UNBROKEN},
            ),
        ),
    )
