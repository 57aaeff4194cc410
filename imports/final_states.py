"""Has the database itself refuse to change a state that is final. Run by migrations.

Every write of a worker is guarded already; this holds for whoever writes, a person at the
database included. A migration that rebuilds the table on SQLite must call ``guard`` again.
"""

from typing import Any

_SENTENCE = "a run that has ended keeps its state"
# A run has a time at which it ended exactly when its state is final: a constraint says so.
_IS_WRONG = "OLD.finished_at IS NOT NULL AND NEW.state <> OLD.state"
_POSTGRESQL = f"""
CREATE OR REPLACE FUNCTION run_keeps_its_final_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '{_SENTENCE}' USING ERRCODE = 'check_violation';
END $$;
DROP TRIGGER IF EXISTS run_final_state ON imports_run;
CREATE TRIGGER run_final_state BEFORE UPDATE OF state ON imports_run
  FOR EACH ROW WHEN ({_IS_WRONG}) EXECUTE FUNCTION run_keeps_its_final_state();
"""
_SQLITE = f"""
CREATE TRIGGER IF NOT EXISTS run_final_state BEFORE UPDATE OF state ON imports_run
WHEN {_IS_WRONG}
BEGIN
  SELECT RAISE(ABORT, '{_SENTENCE}');
END;
"""
_STATEMENTS = {"postgresql": _POSTGRESQL, "sqlite": _SQLITE}


def guard(_apps: Any, schema_editor: Any) -> None:
    """Put the trigger on the table."""
    if statement := _STATEMENTS.get(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def unguard(_apps: Any, schema_editor: Any) -> None:
    """Take it off again."""
    vendor = schema_editor.connection.vendor
    where = " ON imports_run" if vendor == "postgresql" else ""
    if vendor in _STATEMENTS:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS run_final_state{where}", params=None)
