"""The form of Create Import, step 1: what is read, what it may cost, and where it goes."""

from decimal import Decimal
from typing import Any

from django import forms

from accounts.spoken import SpokenForm
from connections.identifiers import check_name, check_table_id
from connections.models import Connection
from connections.status import VERIFIED, badge_of
from imports.costs import GIB
from imports.forms import checked
from imports.models import CleverTapAccount, Cursor, Import
from imports.services.definitions import Source
from imports.sql_text import LONGEST, SqlFault, one_select, tidy
from imports.write_back_field import refusal_of, write_back_field

# Offered to a new import: a full read of a large table is a decision, not an accident.
USUAL_CAP_GIB = 100
_START_OVER, _GO_ON = "start_over", "go_on"
_TABLE, _SQL = Import.QueryType.TABLE.value, Import.QueryType.SQL.value


class ConnectionChoice(forms.ModelChoiceField):
    """Each with its dataset, and with its badge's word unless that is Verified."""

    def label_from_instance(self, obj: Any) -> str:
        badge = badge_of(obj)
        doubt = "" if badge == VERIFIED else f", {badge.word}"
        return f"{obj.name} ({obj.dataset_reference}){doubt}"


class AccountChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class ImportForm(SpokenForm):
    nickname = forms.CharField(
        label="Nickname",
        max_length=200,
        help_text="Says what the import is for, for example Customers, daily.",
        error_messages={"required": "Give the import a nickname."},
    )
    database = ConnectionChoice(
        label="Database",
        queryset=Connection.objects.none(),
        empty_label="Choose a database",
        error_messages={"required": "Choose the database to read from."},
    )
    query_type = forms.ChoiceField(
        label="Query Type",
        choices=Import.QueryType.choices,
        initial=_TABLE,
        required=False,
        help_text="Table reads a table or view whole. SQL reads the result of one SELECT.",
    )
    table_id = forms.CharField(label="Table", max_length=1100, required=False)
    sql = forms.CharField(
        label="SQL",
        max_length=LONGEST,
        required=False,
        strip=False,
        error_messages={"max_length": f"Use at most {LONGEST:,} characters: these are more."},
    )
    cap = forms.DecimalField(
        label="Byte cap per run, in GiB",
        required=False,
        min_value=Decimal("0.001"),
        max_value=Decimal(1_000_000),
        help_text="A run that BigQuery would bill for more fails at once, and costs nothing.",
        error_messages={
            "invalid": "Write a number of GiB, for example 50. Leave it empty for no cap.",
            "min_value": "The cap must be at least 0.001 GiB. Leave it empty for no cap.",
            "max_value": "The cap can be 1,000,000 GiB at most. Leave it empty for no cap.",
        },
    )
    account = AccountChoice(
        label="CleverTap account",
        queryset=CleverTapAccount.objects.none(),
        empty_label="Choose an account",
        error_messages={"required": "Choose the CleverTap account that the rows go to."},
    )
    write_back = write_back_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tested = Connection.objects.active().select_related("key", "latest_test")
        connections = tested.defer("key__sealed_key")
        self._offer("database", connections.order_by("name", "id"))
        self._offer("account", CleverTapAccount.objects.listed().order_by("name", "id"))
        for name in ("table_id", "sql", "query_type"):
            # Which of them is needed depends on another: none of them says "(optional)".
            self.fields[name].is_conditional = True  # type: ignore[attr-defined]

    @property
    def is_sql(self) -> bool:
        return str(self["query_type"].value() or _TABLE) == _SQL

    @property
    def typed_sql(self) -> str:
        return tidy(str(self["sql"].value() or ""))

    @property
    def cap_bytes(self) -> int | None:
        """The cap as far as it can be read."""
        return cap_from(self["cap"].value())

    def clean_nickname(self) -> str:
        return checked(check_name, self.cleaned_data["nickname"])

    def clean_query_type(self) -> str:
        return self.cleaned_data["query_type"] or _TABLE

    def clean_table_id(self) -> str:
        if self.is_sql:
            return ""
        if not self.cleaned_data["table_id"]:
            raise forms.ValidationError("Choose the table to read.")
        return checked(check_table_id, self.cleaned_data["table_id"])

    def clean_sql(self) -> str:
        if not self.is_sql:
            return ""
        sql = tidy(self.cleaned_data["sql"])
        try:
            one_select(sql)
        except SqlFault as fault:
            raise forms.ValidationError(placed(str(fault), fault.place)) from None
        return sql

    def clean_write_back(self) -> bool:
        wanted: bool = self.cleaned_data["write_back"]
        if wanted and (refusal := refusal_of(self.cleaned_data.get("database"))):
            raise forms.ValidationError(refusal)
        return wanted

    def source(self, estimate: dict[str, int]) -> Source:
        """What is to be saved, of a form that is valid."""
        found = self.cleaned_data
        return Source(
            nickname=found["nickname"],
            connection=found["database"],
            account=found["account"],
            table_id=found["table_id"],
            sql=found["sql"],
            bytes_cap=self.cap_bytes,
            estimate=estimate,
            write_back=found["write_back"],
        )

    def _offer(self, name: str, queryset: Any) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = queryset


class ConfigureForm(ImportForm):
    """The same of an import that is there: what becomes of its cursor is asked, if it has one."""

    def __init__(self, *args: Any, subject: Import, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cursor = Cursor.objects.filter(parent=subject).exclude(value="").first()
        if cursor is not None:
            self.fields["after_change"] = _after_change(cursor, subject)

    @property
    def goes_on(self) -> bool:
        return self.cleaned_data.get("after_change") == _GO_ON


def _after_change(cursor: Cursor, subject: Import) -> forms.ChoiceField:
    """Two sentences that each say what it means; the first loses no row."""
    twice = " Events are counted twice." if subject.kind == Import.Kind.EVENT else ""
    choices = [
        (_START_OVER, f"Start over: the next run sends every row, so none is missed.{twice}"),
        (
            _GO_ON,
            f"Go on from {cursor.shown}: rows before it that only the new source has "
            "are never sent.",
        ),
    ]
    field = forms.ChoiceField(
        label="If the database, table or query changes",
        choices=choices,
        initial=_START_OVER,
        required=False,
        widget=forms.RadioSelect,
        help_text="While all three stay as they are, this changes nothing.",
        error_messages={"invalid_choice": "Choose one of the two."},
    )
    field.is_conditional = True  # type: ignore[attr-defined]
    return field


def initial_of(subject: Import) -> dict[str, Any]:
    """The form's values of a saved import."""
    cap = subject.bytes_cap
    return {
        "nickname": subject.nickname,
        "database": subject.connection_id,
        "query_type": subject.query_type,
        "table_id": subject.table_id,
        "sql": subject.sql,
        "cap": "" if cap is None else f"{Decimal(cap) / GIB:.3f}".rstrip("0").rstrip("."),
        "account": subject.account_id,
        "write_back": subject.write_back,
    }


def cap_from(typed: Any) -> int | None:
    """Bytes of a number of GiB; None where it is empty or no number."""
    try:
        cap = int(Decimal(str(typed)) * GIB)
    except (ArithmeticError, ValueError):
        return None
    return cap if 0 < cap < 2**62 else None


def placed(sentence: str, place: tuple[int, int] | None) -> str:
    """The sentence with its line and column in front."""
    return f"Line {place[0]:,}, column {place[1]:,}: {sentence}" if place else sentence
