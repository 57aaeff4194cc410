"""One SELECT: what ends a statement, what only looks so, and where a second one begins."""

import pytest

from imports.sql_text import Place, SqlFault, excerpt, in_brackets, one_select, sense, tidy


def fault(sql):
    with pytest.raises(SqlFault) as caught:
        one_select(sql)
    return caught.value


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "select * from t",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "(SELECT 1) UNION ALL (SELECT 2)",
        "FROM t |> WHERE x > 1",
        "-- UPDATE; it\nSELECT 1",
        "SELECT ';', \"a;b\", r';', '''x;\ny''', `od;d`",
        "SELECT 'it\\'s; fine'",
        "SELECT 1 /* ; */ # ;\n, 2 -- ;",
    ],
)
def test_one_select_is_left_as_it_is(sql):
    assert one_select(sql) == sql


@pytest.mark.parametrize("sql", ["SELECT 1;", "SELECT 1 ;  ", "SELECT 1; -- done", "SELECT 1;;"])
def test_a_semicolon_at_the_end_is_taken_away(sql):
    assert ";" not in one_select(sql)
    assert one_select(sql).startswith("SELECT 1")


@pytest.mark.parametrize(
    ("sql", "place"),
    [
        ("SELECT 1; SELECT 2", (1, 11)),
        ("SELECT 1;\n\n  SELECT 2", (3, 3)),
        ("SELECT 1; -- a\nDROP TABLE t;", (2, 1)),
    ],
)
def test_a_second_statement_is_refused_at_its_place(sql, place):
    found = fault(sql)
    assert (found.place, "exactly one SELECT" in str(found)) == (place, True)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DELETE FROM t WHERE TRUE", "this is a DELETE"),
        ("  update t set a = 1 where true", "this is an UPDATE"),
        ("-- so\nINSERT INTO t VALUES (1)", "this is an INSERT"),
        ("DROP TABLE t", "this is a DROP"),
        ("create table t (x INT64)", "this is a CREATE"),
        ("MERGE t USING s ON TRUE WHEN MATCHED THEN DELETE", "this is a MERGE"),
        ("DECLARE x INT64; SELECT x", "this is a DECLARE"),
    ],
)
def test_what_changes_something_is_named(sql, said):
    assert said in str(fault(sql))


@pytest.mark.parametrize("sql", ["", "   \n", ";", "-- nothing", "/* nothing */ ;"])
def test_nothing_is_refused(sql):
    assert str(fault(sql)) == "Write the SELECT whose rows are imported."


@pytest.mark.parametrize("sql", ["SELEC 1", "SELECT 'a; b", "SELECT 1 /* open", "explain SELECT 1"])
def test_what_only_bigquery_can_judge_is_left_to_it(sql):
    assert one_select(sql) == sql


def test_a_comment_at_the_end_does_not_hide_the_bracket():
    assert in_brackets("SELECT 1; -- all") == "(\nSELECT 1  -- all\n)"


def test_what_was_saved_and_is_no_select_is_sent_as_it_is():
    assert in_brackets("SELECT 1; SELECT 2") == "(\nSELECT 1; SELECT 2\n)"


@pytest.mark.parametrize(
    "other",
    [
        "SELECT a FROM t;",
        "SELECT a\n\tFROM  t -- all of them",
        "# yesterday's\nSELECT a /* the\nid */FROM t ; ",
    ],
)
def test_what_bigquery_passes_over_makes_no_other_query(other):
    assert sense(other) == sense("SELECT a FROM t")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT 'a  b'", "SELECT 'a b'"),
        ("SELECT '--x' FROM t", "SELECT '' FROM t"),
        ("SELECT 1 -- ;\n+ 1", "SELECT 1"),
        ("SELECT ab", "SELECT a b"),
        ("SELECT ';'", "SELECT ''"),
    ],
)
def test_every_other_letter_does(one, other):
    assert sense(one) != sense(other)


def test_line_ends_are_of_one_kind():
    assert tidy("SELECT 1\r\n, 2\rFROM t \n\n") == "SELECT 1\n, 2\nFROM t"


def test_a_hundred_thousand_characters_are_read_at_once():
    sql = "SELECT " + ", ".join(f"'{number};' AS c{number}" for number in range(5_000))
    assert one_select(sql) == sql


@pytest.mark.parametrize(
    ("place", "parts"),
    [
        (Place(2, 3), ("  ", "emial", ",")),
        (Place(1, 7), ("SELECT", "", "")),
        (Place(2, 80), ("  emial,", "", "")),
        (Place(9, 1), ("", "", "")),
    ],
)
def test_the_excerpt_is_cut_at_the_place(place, parts):
    assert excerpt("SELECT\n  emial,\n  b", place) == parts
