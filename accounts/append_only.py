"""The database itself refuses changes of the audit trail."""

from accounts.triggers import Trigger

TRAIL = Trigger(
    name="audit_trail_append_only",
    table="accounts_auditentry",
    function="audit_trail_is_append_only",
    sentence="entries of the audit trail are added, never changed and never removed",
    refuses="UPDATE OR DELETE",
    # It has no way to empty a table for a test but to delete its rows.
    refuses_on_sqlite="UPDATE",
)
guard, unguard = TRAIL.guard, TRAIL.unguard
