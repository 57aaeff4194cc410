"""Every scene there is."""

from tests.browser.scenes import of_connections, of_imports, of_people

SCENES = [*of_people.SCENES, *of_connections.SCENES, *of_imports.SCENES]
