"""Has the database itself refuse changes of the audit trail. Run by migrations.

SQLite refuses updates only: it has no way to empty a table for a test but to delete its rows.
A migration that rebuilds the table on SQLite must call ``guard`` again.
"""

from typing import Any

_POSTGRESQL = """
CREATE OR REPLACE FUNCTION audit_trail_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'entries of the audit trail are added, never changed and never removed';
END $$;
DROP TRIGGER IF EXISTS audit_trail_append_only ON accounts_auditentry;
CREATE TRIGGER audit_trail_append_only BEFORE UPDATE OR DELETE ON accounts_auditentry
  FOR EACH ROW EXECUTE FUNCTION audit_trail_is_append_only();
"""
_SQLITE = """
CREATE TRIGGER IF NOT EXISTS audit_trail_append_only BEFORE UPDATE ON accounts_auditentry
BEGIN
  SELECT RAISE(ABORT, 'entries of the audit trail are added, never changed and never removed');
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
    where = " ON accounts_auditentry" if vendor == "postgresql" else ""
    if vendor in _STATEMENTS:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS audit_trail_append_only{where}", params=None)
