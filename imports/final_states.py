"""The database itself refuses to change a state that is final.

Every write of a worker is guarded already; this holds for whoever writes, a person at the
database included.
"""

from accounts.triggers import Trigger

RUN = Trigger(
    name="run_final_state",
    table="imports_run",
    function="run_keeps_its_final_state",
    sentence="a run that has ended keeps its state",
    refuses="UPDATE OF state",
    refuses_on_sqlite="UPDATE OF state",
    # A run has a time at which it ended exactly when its state is final: a constraint says so.
    when="OLD.finished_at IS NOT NULL AND NEW.state <> OLD.state",
)
guard, unguard = RUN.guard, RUN.unguard
