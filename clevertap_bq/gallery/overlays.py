"""Samples of words to the user, of boxes, and of what opens over the page."""

from clevertap_bq.gallery.contents import Component, Group, State, states
from clevertap_bq.gallery.words import ARABIC, EMOJI, SENTENCE, UNBROKEN

DIALOGS = {
    "question": "a question",
    "typed": "typed confirmation",
    "error": "an error inside",
    "long": "long content",
    "words": "too long words",
    "busy": "busy",
}
PANES = {
    "details": "details",
    "long": "long content",
    "loading": "loading",
    "failed": "failed",
    "words": "too long words",
}
SAVED = "The connection “Production” was saved, not verified."
OWNER = {
    "title": "The key may do more than it needs",
    "text": "It has the role Owner. BigQuery Job User and BigQuery Data Editor are enough.",
}


def group() -> tuple[Group, ...]:
    """Messages, boxes, dialogs and panes."""
    return (
        Group("Messages", "messages", _messages()),
        Group("Boxes", "boxes", _boxes()),
        Group("Over the page", "overlays", _overlays()),
    )


def _messages() -> tuple[Component, ...]:
    tones = {tone: {"tone": tone, **OWNER} for tone in ("ok", "bad", "warn", "info", "quiet")}
    received = {"link_url": "?", "link_label": "See what “CleverTap” received"}
    return (
        Component(
            "message",
            "One line at the top after something was done; can be dismissed.",
            states(
                "components/message.html",
                success={"level": "success", "text": "The connection “Production” was saved."},
                info={"level": "info", "text": SAVED},
                warning={"level": "warning", "text": SAVED},
                error={"level": "error", "text": "The server did not answer. Try again."},
                too_long={"level": "info", "text": f"{UNBROKEN} {ARABIC} {EMOJI}"},
            ),
        ),
        Component(
            "notice",
            "Stays in the page, as wide as what stands below it.",
            states(
                "components/notice.html",
                **tones,
                sandbox={
                    "tone": "sandbox",
                    "title": "This is the sandbox",
                    "text": SENTENCE,
                    **received,
                },
                title_alone={"tone": "ok", "title": "Verified"},
                words_alone={
                    "tone": "quiet",
                    "text": "Rows that CleverTap has accepted stay there.",
                },
                too_long={"tone": "bad", "title": SENTENCE, "text": UNBROKEN},
            ),
        ),
    )


def _boxes() -> tuple[Component, ...]:
    return (
        Component(
            "card",
            "One thing with its words and its buttons.",
            (
                State(
                    "with tag, with label, plain, too long",
                    "gallery/_cards.html",
                    {"long": UNBROKEN},
                ),
            ),
        ),
        Component(
            "disclosure",
            "What few people need, folded.",
            (State("closed and open", "gallery/_disclosures.html"),),
        ),
    )


def _overlays() -> tuple[Component, ...]:
    return (
        Component(
            "dialog",
            "A question with the verb on the button. A page of its own without JavaScript.",
            (State("open each", "gallery/_openers.html", _openers("dialog", DIALOGS)),),
        ),
        Component(
            "side_pane",
            "Details from the right. A page of its own without JavaScript.",
            (State("open each", "gallery/_openers.html", _openers("pane", PANES)),),
        ),
    )


def openers() -> list[dict[str, object]]:
    """The links that open each dialog and each pane."""
    return [_openers("dialog", DIALOGS), _openers("pane", PANES)]


def _openers(kind: str, named: dict[str, str]) -> dict[str, object]:
    return {"kind": kind, "target": f"#{kind}-body", "route": f"gallery_{kind}", "named": named}
