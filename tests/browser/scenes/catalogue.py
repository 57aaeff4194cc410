"""Every scene there is, and which of them are looked at."""

import os

from tests.browser.scenes import (
    of_connections,
    of_cursors,
    of_imports,
    of_one_import,
    of_people,
    of_refused_rows,
    of_samples,
)

SCENES = [
    *of_people.SCENES,
    *of_samples.SCENES,
    *of_connections.SCENES,
    *of_imports.SCENES,
    *of_one_import.SCENES,
    *of_refused_rows.SCENES,
    *of_cursors.SCENES,
]

# `SCREENS=all` looks at every state; the usual run at the first of each screen.
ALL = os.environ.get("SCREENS") == "all"


def chosen(of_imports):
    """The scenes to look at: of imports, or all others, so that two processes share them."""
    seen, found = set(), []
    for scene in SCENES:
        first = scene.route not in seen
        seen.add(scene.route)
        if scene.route.startswith("imports:") == of_imports and (ALL or first):
            found.append(scene)
    return found
