"""Why Google says no although somebody has, or believes to have, granted a role.

Times: https://cloud.google.com/iam/docs/access-change-propagation
"""

from typing import Final

from connections.bigquery.catalogue import commands
from connections.bigquery.causes import Cause, Command

TOO_NEW: Final = Cause(
    "It was granted a moment ago.",
    "The role is listed. A grant takes two minutes, at times seven or more; a membership of a "
    "group can take hours.",
    "Wait, then check again. Do not grant more meanwhile.",
)
CONDITION: Final = Cause(
    "The grant has a condition that does not hold here.",
    "The list shows a condition beside the role: an end date, or another resource.",
    "Grant the role once more without a condition, or correct the condition.",
    (commands.ROLES,),
)
FORBIDDEN: Final = Cause(
    "A deny policy or a VPC Service Controls perimeter stands above the grant.",
    "The role is listed without a condition, and was for more than ten minutes.",
    "Ask the administrator of the organisation to except this account, or this server’s address.",
    (commands.DENIES,),
)


def on_project(role: str) -> tuple[Cause, ...]:
    """For a permission that only a role on the whole project gives."""
    return (
        Cause(
            f"The account has no {role} on the project.",
            "The list of its roles does not name it.",
            "Grant it with the command above.",
            (commands.ROLES,),
        ),
        Cause(
            "The role was granted elsewhere: on a dataset, or on another project.",
            "The dataset’s own list, or that of the other project, names the account. Jobs need "
            "the role on the project that is typed in as Project ID.",
            "Grant it on {project}.",
            (commands.DATASET,),
        ),
        TOO_NEW,
        CONDITION,
        FORBIDDEN,
    )


def on_dataset(role: str) -> tuple[Cause, ...]:
    """For a permission on the dataset and what is in it."""
    return (
        Cause(
            f"The account has no {role} on the dataset.",
            "“access” of the dataset does not name the account, and no role on the project does.",
            "Grant it with the command above.",
            (commands.DATASET, commands.ROLES),
        ),
        Cause(
            "The role was granted on another dataset, or to another account.",
            "“access” of the other dataset names {email}, or this one names an account that is "
            "spelt almost alike.",
            "Grant it to exactly {email}, on exactly this dataset.",
            (commands.DATASETS,),
        ),
        TOO_NEW,
        CONDITION,
        FORBIDDEN,
    )


def seen_by_nobody(what: str, look: Command) -> Cause:
    """Google says the same of what is missing and of what is hidden."""
    return Cause(
        f"The {what} is not there: a typing error, upper and lower case, or it was dropped.",
        f"An administrator does not find it either: “Not found”. Google tells others only “or it "
        f"may not exist”, so the {what} cannot be told from a hidden one without one.",
        "Correct the name, or choose another.",
        (look,),
    )
