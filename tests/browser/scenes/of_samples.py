"""The gallery: every component, and what needs a window or an overlay of its own."""

from tests.browser.scenes import steps
from tests.browser.scenes.scene import MEMBER, Place, Scene

FRAME = Place("gallery_frame")
DIALOGS = ("question", "typed", "error", "long", "words", "busy")
PANES = ("details", "long", "loading", "failed", "words")


def sample(kind, state):
    return Place(f"gallery_{kind}", query=f"state={state}")


SCENES = [
    Scene(Place("gallery"), "every component"),
    Scene(FRAME, "plain"),
    *(Scene(sample("frame", state), state) for state in ("messages", "long")),
    Scene(sample("frame", "member"), "for a member", who=MEMBER),
    *(Scene(sample("dialog", state), f"{state}, as a page") for state in DIALOGS),
    *(Scene(sample("pane", state), f"{state}, as a page") for state in PANES),
    *(
        Scene(
            Place(f"gallery_{kind}"),
            f"{state}, over the page",
            at=FRAME,
            steps=(
                steps.click(f"a[href$='/{kind}/?state={state}']"),
                steps.see("dialog[open] :is(h1, h2)"),
            ),
        )
        for kind, state in (("dialog", "typed"), ("dialog", "words"), ("pane", "long"))
    ),
]
