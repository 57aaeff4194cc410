"""Every scene there is."""

from tests.browser.scenes import of_connections, of_imports, of_one_import, of_people, of_samples

SCENES = [
    *of_people.SCENES,
    *of_samples.SCENES,
    *of_connections.SCENES,
    *of_imports.SCENES,
    *of_one_import.SCENES,
]


def is_of_imports(scene):
    """Half of them, so that two processes can look at the same time."""
    return scene.route.startswith("imports:")
