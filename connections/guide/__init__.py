"""The set-up guide beside the form: two tracks of steps with commands to paste as they are.

*New set-up* makes everything, in an order in which each command finds what it needs (the
dataset before the role on it). *Existing resources* finds what is there and what is missing.
"""

from dataclasses import dataclass

from connections.guide.existing import existing_steps
from connections.guide.new import new_steps
from connections.guide.place import place_of
from connections.guide.step import Step

__all__ = ["Guide", "Track", "guide"]

NEW = "new"
EXISTING = "existing"


@dataclass(frozen=True)
class Track:
    """One way through the set-up; ``value`` is what the form sends when it is chosen."""

    value: str
    title: str
    steps: tuple[Step, ...]
    is_chosen: bool

    @property
    def next_step(self) -> int:
        """The first step that is not done: the one that stands open."""
        return next(at for at, step in enumerate(self.steps) if not step.done)


@dataclass(frozen=True)
class Guide:
    """Both tracks, and the words in the commands that stand for what is not typed yet."""

    tracks: tuple[Track, ...]
    placeholders: tuple[str, ...]


def guide(
    *,
    project_id: str = "",
    dataset_id: str = "",
    access: str = "",
    email: str = "",
    key_id: str = "",
    chosen: str = "",
) -> Guide:
    """The guide for what is typed so far; ``email`` and ``key_id`` are of a key that was read.

    Anything may be handed in: what is no identifier leaves its placeholder.
    """
    place = place_of(
        project_id=project_id, dataset_id=dataset_id, access=access, email=email, key_id=key_id
    )
    existing = chosen == EXISTING
    tracks = (
        Track(NEW, "New set-up", new_steps(place), is_chosen=not existing),
        Track(EXISTING, "Existing resources", existing_steps(place), is_chosen=existing),
    )
    return Guide(tracks=tracks, placeholders=place.placeholders)
