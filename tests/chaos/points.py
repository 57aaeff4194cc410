"""The named points of the loop, in its order."""

# In a transaction that has locked the run's row.
HALF_RECORDED = "answer_half_recorded"
POINTS = (
    "before_claim",
    "after_claim",
    "job_id_committed",
    "job_submitted",
    "intent_committed",
    "sent",
    "several_in_flight",
    HALF_RECORDED,
    "answered_beyond",
    "between_ranges",
    "handed_back",
    "before_finish",
    "finished",
)
# Those that only a run has which goes by Updated On and reads by the Storage Read API. Its
# first job is the one that looks for the bounds.
BY_MOMENT_POINTS = (
    "job_id_committed",
    "job_submitted",
    "bounds_recorded",
    "reader_chosen",
    "several_in_flight",
)
# Reached by a run whose fast reads are refused after it has begun.
SLOW_POINTS = ("reader_changed", "order_proved")
# Reached by a run that is being stopped while BigQuery is at work.
IN_SETTLE = "in_settle"
