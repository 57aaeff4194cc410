"""What the database itself refuses, whoever writes. Put up and taken off by migrations.

A migration that rebuilds the table on SQLite must put its trigger up again.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Trigger:
    """``sentence`` is what a refused writer is told; ``when`` is a condition on OLD and NEW."""

    name: str
    table: str
    function: str
    sentence: str
    refuses: str
    refuses_on_sqlite: str
    when: str = "TRUE"

    def guard(self, _apps: Any, schema_editor: Any) -> None:
        """Put the trigger on the table."""
        if statement := self._statements().get(schema_editor.connection.vendor):
            schema_editor.execute(statement, params=None)

    def unguard(self, _apps: Any, schema_editor: Any) -> None:
        """Take it off again."""
        vendor = schema_editor.connection.vendor
        where = f" ON {self.table}" if vendor == "postgresql" else ""
        if vendor in self._statements():
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {self.name}{where}", params=None)

    def _statements(self) -> dict[str, str]:
        return {
            "postgresql": f"""
CREATE OR REPLACE FUNCTION {self.function}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '{self.sentence}' USING ERRCODE = 'check_violation';
END $$;
DROP TRIGGER IF EXISTS {self.name} ON {self.table};
CREATE TRIGGER {self.name} BEFORE {self.refuses} ON {self.table}
  FOR EACH ROW WHEN ({self.when}) EXECUTE FUNCTION {self.function}();
""",
            "sqlite": f"""
CREATE TRIGGER IF NOT EXISTS {self.name} BEFORE {self.refuses_on_sqlite} ON {self.table}
WHEN {self.when}
BEGIN
  SELECT RAISE(ABORT, '{self.sentence}');
END;
""",
        }
