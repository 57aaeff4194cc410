"""Accessibility as axe sees it, of a page that has come to rest."""

from axe_playwright_python.sync_playwright import Axe

# A colour or a dialog on its way is nothing to judge; what turns for ever does not change colour.
AT_REST = """() => document.getAnimations().every(
  (one) => one.playState === "finished" || one.effect.getTiming().iterations === Infinity
)"""
# The only rules whose answer depends on the colour scheme.
OF_COLOURS = {
    "resultTypes": ["violations"],
    "runOnly": ["color-contrast", "link-in-text-block"],
}


def violations(page):
    """Each rule that is broken, with the first place that breaks it."""
    page.wait_for_function(AT_REST)
    return _broken(Axe().run(page))


def colour_violations(page):
    """As ``violations``, once the scheme was switched on a page that is judged already."""
    page.wait_for_function(AT_REST)
    return _broken(Axe().run(page, options=OF_COLOURS))


def _broken(results):
    found = results.response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found]
