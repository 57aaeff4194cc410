"""The page of a cursor in each state, with each answer, and with what cannot be done."""

from tests.browser.scenes import steps
from tests.browser.scenes.of_imports import of
from tests.browser.scenes.scene import CREATOR, MEMBER, Place, Scene, row


def cursor(kind, question=""):
    asked = f"question={row(f'question {question}')}" if question else ""
    return Place("imports:import_cursor", {"import_id": row(f"import {kind}")}, asked)


STANDS = cursor("cursor stands")
SCENES = [
    Scene(STANDS, "it stands", who=CREATOR),
    Scene(STANDS, "it stands, for a member", who=MEMBER),
    Scene(cursor("cursor first"), "before its first run"),
    Scene(cursor("cursor moved back"), "moved back"),
    Scene(cursor("cursor full"), "more at the edge than is remembered"),
    Scene(cursor("cursor long"), "too long"),
    Scene(cursor("cursor elsewhere"), "of another query"),
    Scene(cursor("ready"), "none"),
    Scene(of("cursor stands", "imports:configure"), "with a cursor"),
    Scene(cursor("draft"), "nothing is mapped"),
    Scene(cursor("deleted"), "deleted"),
    Scene(cursor("run sending"), "a run is at work", who=MEMBER),
    *(
        Scene(cursor("cursor stands", question), f"question: {question}")
        for question in ("asking", "cost", "advice", "failed")
    ),
    Scene(cursor("cursor full", "count"), "rows are counted"),
    Scene(cursor("cursor full", "count"), "rows are counted, for a member", who=MEMBER),
    Scene(
        STANDS,
        "reset is open",
        steps=(steps.click("details.disclosure > summary"), steps.see("details[open] button")),
    ),
    Scene(
        of("cursor stands", "imports:cursor_count"),
        "a value that is none",
        at=STANDS,
        steps=(
            steps.fill("Move back to", "soon"),
            steps.press("Count rows"),
            steps.see(".field__error"),
        ),
    ),
]
