"""The named points of the loop, in its order."""

POINTS = (
    "before_claim",
    "after_claim",
    "job_id_committed",
    "job_submitted",
    "intent_committed",
    "sent",
    "several_in_flight",
    "answer_half_recorded",
    "answered_beyond",
    "between_ranges",
    "handed_back",
    "before_finish",
    "finished",
)
# Reached by a run that is being stopped while BigQuery is at work.
IN_SETTLE = "in_settle"
