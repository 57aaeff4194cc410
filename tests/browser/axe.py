"""Accessibility as axe sees it, of a page that has come to rest."""

from axe_playwright_python.base import AXE_SCRIPT

# A colour or a dialog on its way is nothing to judge; what turns for ever does not change colour.
AT_REST = """() => document.getAnimations().every(
  (one) => one.playState === "finished" || one.effect.getTiming().iterations === Infinity
)"""
RUN = """options => axe.run(document, options).then(
  (results) => results.violations.map((one) => [one.id, one.nodes[0].html])
)"""
OPTIONS = {"resultTypes": ["violations"]}
# The only rules whose answer depends on the colour scheme.
OF_COLOURS = {**OPTIONS, "runOnly": ["color-contrast", "link-in-text-block"]}


def violations(page):
    """Each rule that is broken, with the first place that breaks it."""
    page.wait_for_function(AT_REST)
    page.evaluate(AXE_SCRIPT)
    return [tuple(one) for one in page.evaluate(RUN, OPTIONS)]


def colour_violations(page):
    """As ``violations``, of a page that was judged before and has another scheme now."""
    page.wait_for_function(AT_REST)
    return [tuple(one) for one in page.evaluate(RUN, OF_COLOURS)]
