"""Refused rows of a run, unknown outcomes, and the form of Edit import."""

from tests.browser.scenes import steps
from tests.browser.scenes.of_imports import of, run
from tests.browser.scenes.scene import CREATOR, MEMBER, Place, Scene, row


def refused(kind, query=""):
    return Place("imports:refused_rows", {"run_id": row(f"run {kind}")}, query)


def held(kind):
    return run(kind, "imports:held_batches")


def edit(kind):
    return of(kind, "imports:edit")


SCENES = [
    Scene(refused("partly"), "every reason"),
    Scene(refused("partly"), "every reason, for a member", who=MEMBER),
    Scene(refused("partly", "identity=customer-000000"), "found", who=CREATOR),
    Scene(
        refused("partly", "reason=rules:email_invalid"),
        "contents open",
        steps=(steps.click("#rows .disclosure > summary"), steps.see("#rows .code-block")),
    ),
    Scene(refused("partly", "identity=nobody"), "nothing found"),
    Scene(refused("partly", "reason=moon"), "a reason that is none"),
    Scene(refused("long", "identity=i"), "too long"),
    Scene(refused("forgotten"), "not kept any more"),
    Scene(refused("succeeded"), "none"),
    Scene(held("partly"), "some decided"),
    Scene(held("partly"), "some decided, for a member", who=MEMBER),
    Scene(held("succeeded"), "none"),
    Scene(edit("ready"), "as it is saved", who=CREATOR),
    Scene(edit("long"), "too long"),
    Scene(edit("ready"), "forbidden to a member", who=MEMBER, status=403),
    Scene(
        edit("scheduled"),
        "all is missing",
        steps=(steps.fill("Nickname", ""), steps.press("Save"), steps.see(".error-summary")),
    ),
]
