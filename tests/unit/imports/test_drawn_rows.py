"""A row that is filled in says exactly what its template would have said."""

from django.template.loader import get_template
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from imports.views.drawn_rows import FLAGS, TEMPLATE, WORDS, RowDrawer

OPTIONS = SafeString('<option value="string" selected>String</option>')
AWKWARD = st.sampled_from(
    ['a"b', "<b>", "100 %", "%(name)s", "%s", "{0}", "\0name\0", "{{ x }}", "&amp;", "è 漢", "'"]
)
WORD = st.one_of(AWKWARD, st.text(max_size=12), st.none())
ROWS = st.fixed_dictionaries(
    {
        **dict.fromkeys(("prefix", "column", "name", "type", "why_not", "reason"), WORD),
        **dict.fromkeys(FLAGS, st.booleans()),
    }
).map(lambda row: {**row, **{name: OPTIONS for name in WORDS if name.endswith("_options")}})


@given(st.lists(ROWS, max_size=6))
def test_a_row_is_drawn_as_its_template_draws_it(rows):
    drawer, template = RowDrawer(), get_template(TEMPLATE)
    for row in rows:
        whole = {name: "" if said is None else said for name, said in row.items()}
        assert drawer.drawn(row) == template.render(whole)


def test_what_is_wrong_stands_in_the_row_and_nowhere_else():
    drawer = RowDrawer()
    row = {"prefix": "columns-1", "column": "a", "use": True}
    wrong = drawer.drawn({**row, "name_errors": ["Too long: <b>."]})
    assert "Too long: &lt;b&gt;." in wrong
    assert 'aria-describedby="id_columns-1-name_error"' in wrong
    assert "Too long" not in drawer.drawn(row)


def test_nobody_can_type_a_way_out_of_a_cell():
    drawn = RowDrawer().drawn({"prefix": "columns-1", "column": '"><script>', "name": "</td>"})
    assert "<script>" not in drawn
    assert drawn.count("</td>") == RowDrawer().drawn({"prefix": "columns-1"}).count("</td>")
