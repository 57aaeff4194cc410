"""Partners, BigQuery, Add Database, Import Connections and what lies below them."""

from functools import cache

from tests.browser.scenes import steps
from tests.browser.scenes.scene import (
    BROKEN,
    CREATOR,
    EMPTY,
    MEMBER,
    STRANGER,
    Place,
    Scene,
    row,
)

PARTNERS, OVERVIEW = Place("connections:partners"), Place("connections:overview")
ADD, LIST = Place("connections:add"), Place("connections:list")


def of(kind, route="connections:detail", query=""):
    return Place(route, {"connection_id": row(f"connection {kind}")}, query)


def test_of(kind):
    return Place("connections:test_panel", {"test_id": row(f"test {kind}")})


def listed(query):
    return Place("connections:list", query=query)


@cache
def sample_key():
    """A key of the real Google's shape; nobody is ever called with it."""
    from tests.factories_keys import key_json  # noqa: PLC0415 - makes a key of 2,048 bits

    return key_json().encode()


FILL_IN = (
    steps.fill("Connection name", "Brand new"),
    steps.fill("Dataset ID", "shop"),
)
READ_KEY = (steps.upload(sample_key), steps.see(".key-identity"))
MANY = "&".join(f"id={row(f'connection {kind}')}" for kind in ("many", "long", "stopping"))

SCENES = [
    Scene(PARTNERS, "empty", world=EMPTY),
    Scene(PARTNERS, "integrated"),
    Scene(PARTNERS, "workers are silent", world=BROKEN, who=MEMBER),
    Scene(PARTNERS, "a name too long for the frame", who=STRANGER),
    Scene(PARTNERS, "menu open on a small screen", steps=(steps.open_menu,)),
    Scene(OVERVIEW, "empty", world=EMPTY),
    Scene(OVERVIEW, "for a member", who=MEMBER),
    Scene(Place("connections:overview", query="guide=existing"), "existing things"),
    Scene(Place("connections:ip_ranges"), "known"),
    Scene(Place("connections:ip_ranges"), "unknown", world=EMPTY, who=MEMBER),
    Scene(ADD, "empty", world=EMPTY),
    Scene(ADD, "pasting a key", steps=(steps.check("Custom key"),)),
    Scene(ADD, "all is missing", steps=(steps.press("Save"), steps.see(".error-summary"))),
    Scene(
        ADD,
        "what is typed is wrong",
        steps=(
            steps.fill("Connection name", "x" * 150),
            steps.fill("Project ID", "Not A Project!"),
            steps.fill("Dataset ID", "no-dashes-" * 40),
            steps.press("Save"),
            steps.see(".error-summary"),
        ),
    ),
    Scene(
        ADD,
        "not a key",
        steps=(steps.upload(b"<html>Sign in</html>"), steps.see(".error-summary")),
    ),
    Scene(ADD, "a key was read", steps=(*FILL_IN, *READ_KEY)),
    Scene(
        ADD,
        "being tested",
        steps=(*FILL_IN, *READ_KEY, steps.press("Test Connection"), steps.see("#test .step")),
    ),
    Scene(ADD, "the other track", steps=(steps.other_track,)),
    Scene(ADD, "forbidden to a creator", who=CREATOR, status=403),
    Scene(
        Place("connections:guide_panel"),
        "something is typed",
        at=ADD,
        steps=(steps.fill("Project ID", "my-shop-4711"), steps.asked_again("/guide/")),
    ),
    Scene(
        Place("connections:datasets_panel"),
        "the project was changed",
        at=of("verified", "connections:edit"),
        steps=(steps.change("Project ID", "another-shop-4711"), steps.settled),
    ),
    Scene(test_of("verified"), "passed"),
    Scene(test_of("failed"), "failed"),
    Scene(test_of("testing"), "under way"),
    Scene(test_of("long"), "too long"),
    Scene(test_of("read only"), "more than it needs"),
    Scene(LIST, "empty", world=EMPTY),
    Scene(LIST, "empty for a member", world=EMPTY, who=MEMBER),
    Scene(LIST, "many"),
    Scene(listed("page=3&sort=name"), "the last page"),
    Scene(LIST, "for a member", who=MEMBER),
    Scene(listed("q=Production"), "one"),
    Scene(listed("q=nothing+has+this+name"), "nothing found"),
    Scene(
        listed("status=moon&connected_from=x&sort=y&q=" + "z" * 300), "filters that mean nothing"
    ),
    Scene(
        listed("status=verified&connected_from=2020-01-01&q=o"),
        "filter open",
        steps=(steps.click(".filter-pane > summary"),),
    ),
    Scene(LIST, "menu of a row open", steps=(steps.click(".menu > summary"),)),
    Scene(LIST, "some are selected", steps=(steps.tick_all(".table__select"),)),
    Scene(Place("connections:delete_many", query=MANY), "three, and one unknown"),
    Scene(
        Place("connections:delete_many", query=MANY),
        "not confirmed",
        steps=(steps.press_like("^Delete"), steps.see(".error-summary, .invalid-feedback")),
    ),
    *(
        Scene(of(kind), kind)
        for kind in (
            *("verified", "failed", "inconclusive", "untested", "testing", "unreadable", "long"),
            *("arabic", "emoji", "sandbox", "many"),
            *("stopping", "finishing", "deleted", "moved"),
        )
    ),
    Scene(of("verified"), "verified, for a member", who=MEMBER),
    Scene(of("verified", "connections:edit"), "as it is"),
    Scene(of("testing", "connections:edit"), "datasets are loading"),
    Scene(of("failed", "connections:edit"), "datasets cannot be listed"),
    Scene(of("long", "connections:edit"), "too long"),
    Scene(
        of("verified", "connections:edit"),
        "replacing the key",
        steps=(steps.click(".disclosure > summary"),),
    ),
    Scene(
        of("verified", "connections:edit"),
        "the name is taken",
        steps=(
            steps.fill("Connection name", "Never tested"),
            steps.press("Save"),
            steps.see(".error-summary"),
        ),
    ),
    Scene(of("verified", "connections:test_history"), "many"),
    Scene(of("untested", "connections:test_history"), "none"),
    Scene(of("long", "connections:test_history"), "too long", who=MEMBER),
    Scene(of("untested", "connections:delete"), "nothing reads from it"),
    Scene(of("many", "connections:delete"), "sixty imports"),
    Scene(
        of("verified", "connections:delete"),
        "not confirmed",
        steps=(steps.press("Delete"), steps.see(".invalid-feedback, .error-summary")),
    ),
    Scene(
        of("long", "connections:delete"),
        "as a dialog",
        at=of("long"),
        steps=(steps.delete_from_menu, steps.see("dialog[open] .dialog__title")),
    ),
    Scene(
        of("stopping"),
        "stopping, looking again",
        steps=(steps.asked_again(f"/{row('connection stopping')}/"),),
    ),
]
