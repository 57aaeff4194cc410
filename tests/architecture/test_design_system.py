"""The design system is whole: every component is shown, styled and described, no class is idle."""

import re
from fnmatch import fnmatchcase
from functools import cache

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test.signals import template_rendered

from accounts.models import User
from clevertap_bq.gallery.contents import State
from clevertap_bq.gallery.usage import lines_of_use
from clevertap_bq.gallery.views import groups
from tests.architecture.css import (
    PAGES,
    ROOT,
    SHEETS,
    STATIC,
    also,
    classes_defined,
    classes_used,
    name_of,
    rules_of,
)

PACKAGES = ("accounts", "clevertap_bq", "connections", "imports")
COMPONENTS = sorted(path.stem for path in (ROOT / "templates" / "components").glob("*.html"))
COMPONENT_SHEETS = [path for path in SHEETS if path.parent.name == "components"]
# Around every page: shown by the gallery's own page and by its frames.
FRAME = ("base.html", "signed_out.html")
SIGNED_IN = {
    "user": User(email="admin@example.com", role="admin"),
    "nav": [{"title": "Partners", "url": "/", "icon": "partners", "active": True}],
}
WITHOUT_STYLE = {"head": "what stands in <head> is not seen"}
# Classes that say what a part is, to scripts and to who reads; nothing is drawn by them.
BARE = {"live", "dialog", "side-pane", "cure__command"}
# Classes that scripts and packages put on.
PUT_ON = {
    "js": "static/js/theme.js",
    "htmx-request": "htmx",
    "is-invalid": "crispy",
    "input-group": "crispy",
    "input-group-text": "crispy",
}
ELSEWHERE = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in (*PACKAGES, "static/js", "templates")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".js", ".html"} and "migrations" not in path.parts
)
WORDS = set(re.findall(r"[\w-]+", ELSEWHERE))


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def rendered():
    """The names of the templates that were drawn."""
    names = []

    def note(sender, template, **rest):
        names.append(template.name)

    template_rendered.connect(note)
    yield names
    template_rendered.disconnect(note)


def idle_classes(defined, used, words):
    """Classes that no template names, neither whole nor as ``badge--*`` with a known end."""

    def is_used(name):
        for pattern in used:
            if name == pattern:
                return True
            if "*" in pattern and fnmatchcase(name, pattern):
                end = name.removeprefix(pattern.partition("*")[0])
                if end in words:
                    return True
        return False

    return {name for name in defined if not is_used(name)}


@cache
def classes_of_pages():
    return set().union(*(classes_used(path.read_text(encoding="utf-8")) for path in PAGES))


@cache
def classes_of_python_and_scripts():
    """Named in forms (``attrs={"class": …}``) and in scripts."""
    ours = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    sources = [*ours, *(STATIC / "js").glob("*.js")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    return set(re.findall(r'["\'. ]([a-z][\w]*(?:-{1,2}[\w]+|__[\w]+)+)(?=["\' .)\[,])', text))


@cache
def bootstrap():
    sheet = finders.find("bootstrap/css/bootstrap.min.css")
    with open(sheet, encoding="utf-8") as file:
        return set(re.findall(r"\.(-?[A-Za-z_][\w-]*)", file.read()))


def has_home(name):
    """A sheet of its name, of the start of its name, or one that names it at its head."""
    stems = {path.stem for path in COMPONENT_SHEETS}
    named = set().union(*(also(path) for path in SHEETS))
    return name in stems | named or any(name.startswith(f"{stem}_") for stem in stems)


def included_by_pages():
    """Components that a page or its fragments include: neither the frame nor other components."""
    pages = [p for p in PAGES if p.parent.name not in {"components", "gallery", "templates"}]
    text = "\n".join(path.read_text(encoding="utf-8") for path in pages)
    return sorted(set(re.findall(r'include "components/(\w+)\.html"', text)))


def all_states():
    return {
        f"{component.name}, {state.label}": state
        for group in groups()
        for component in group.components
        for state in component.states
    }


class TestComponents:
    def test_are_all_shown_by_the_gallery(self, rendered):
        empty = [name for name, state in all_states().items() if not state.html.strip()]
        for page in FRAME:
            render_to_string(page, SIGNED_IN)

        shown = {name.removeprefix("components/").removesuffix(".html") for name in rendered}
        assert set(COMPONENTS) - shown == set()
        assert empty == []

    @pytest.mark.parametrize("name", included_by_pages())
    def test_that_pages_use_have_a_line_to_copy_in_the_documents(self, name):
        assert f"components/{name}.html" in lines_of_use().get(name, "")

    def test_that_the_documents_name_exist(self):
        uses = {name for name, use in lines_of_use().items() if use.startswith("{%")}
        assert uses - set(COMPONENTS) == set()

    def test_have_a_style_sheet_or_are_named_at_the_head_of_one(self):
        homeless = {name for name in COMPONENTS if not has_home(name)}
        assert homeless == set(WITHOUT_STYLE)

    @pytest.mark.parametrize("path", COMPONENT_SHEETS, ids=name_of)
    def test_have_their_style_sheet_loaded(self, path):
        head = (ROOT / "templates" / "components" / "head.html").read_text()
        assert f'"css/{name_of(path)}"' in head

    def test_take_no_focus_in_the_gallery(self):
        takers = {name for name, state in all_states().items() if "data-focus" in state.html}
        assert takers == set()  # the page would open in its middle

    def test_come_out_without_a_hole(self):
        words = {name: re.sub(r"<[^>]+>", "", state.html) for name, state in all_states().items()}
        holes = re.compile(r"\bNone\b|\bFalse\b|\{\{|\}\}")
        assert {name for name, text in words.items() if holes.search(text)} == set()


class TestClasses:
    @pytest.mark.parametrize("path", SHEETS, ids=name_of)
    def test_of_style_sheets_are_used(self, path):
        used = classes_of_pages() | classes_of_python_and_scripts() | set(PUT_ON)
        assert idle_classes(classes_defined(rules_of(path)), used, WORDS) == set()

    @pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
    def test_of_templates_are_defined(self, path):
        ours = set().union(*(classes_defined(rules_of(sheet)) for sheet in SHEETS))
        known = ours | bootstrap() | BARE
        used = classes_used(path.read_text(encoding="utf-8"))
        assert {n for n in used if not any(fnmatchcase(k, n) for k in known)} == set()


class TestGuard:
    """The guard itself notices what it is there to notice."""

    def test_sees_an_idle_class(self):
        assert idle_classes({"card__gone"}, {"card", "card__head"}, WORDS) == {"card__gone"}

    def test_sees_a_state_that_nothing_can_have(self):
        used, words = {"badge--*"}, {"verified"}
        assert idle_classes({"badge--verified", "badge--lost"}, used, words) == {"badge--lost"}

    def test_reads_classes_through_the_tags_of_a_template(self):
        text = '<p class="a{% if b %} a--{{ c.d }}{% endif %} e">'
        assert classes_used(text) == {"a", "a--*", "e"}

    def test_reads_a_class_that_a_condition_ends(self):
        text = '<a class="btn btn-{% if a %}primary{% else %}quiet{% endif %} c">'
        assert classes_used(text) == {"btn", "btn-*", "c"}

    def test_reads_the_classes_of_selectors_only(self):
        text = ".a:has(> .b) .c { width: 1.5rem; background: url(x.svg); }"
        assert classes_defined(text) == {"a", "b", "c"}

    def test_sees_a_component_that_the_gallery_leaves_out(self, rendered):
        assert State("one", "components/tag.html", {"label": "A"}).html
        assert rendered == ["components/tag.html"]
