"""Why our rules refuse a row: one table of codes, each with one sentence and its cure."""

from enum import Enum, unique


@unique
class RefusalCode(Enum):
    """Not a ``str`` on purpose: joining one into a record's text must fail."""

    IDENTITY_MISSING = "identity_missing"
    IDENTITY_REFUSED = "identity_refused"
    IDENTITY_TOO_LONG = "identity_too_long"
    EVENT_NAME_MISSING = "event_name_missing"
    EVENT_NAME_FORBIDDEN = "event_name_forbidden"
    EVENT_NAME_TOO_LONG = "event_name_too_long"
    EVENT_NAME_RESERVED = "event_name_reserved"
    CREATED_ON_MISSING = "created_on_missing"
    CREATED_ON_OUT_OF_RANGE = "created_on_out_of_range"
    TEXT_TOO_LONG = "text_too_long"
    TEXT_UNREADABLE = "text_unreadable"
    NUMBER_INVALID = "number_invalid"
    NUMBER_NOT_WHOLE = "number_not_whole"
    NUMBER_OUT_OF_RANGE = "number_out_of_range"
    BOOLEAN_INVALID = "boolean_invalid"
    DATE_INVALID = "date_invalid"
    DATE_OUT_OF_RANGE = "date_out_of_range"
    EMAIL_INVALID = "email_invalid"
    PHONE_INVALID = "phone_invalid"
    GENDER_INVALID = "gender_invalid"
    CHOICE_INVALID = "choice_invalid"
    LIST_TOO_LONG = "list_too_long"
    LIST_ITEM_TOO_LONG = "list_item_too_long"
    CELL_UNREADABLE = "cell_unreadable"
    ROW_UNREADABLE = "row_unreadable"
    RECORD_TOO_LARGE = "record_too_large"


REFUSALS: dict[RefusalCode, str] = {
    RefusalCode.IDENTITY_MISSING: (
        "The row has no identity, so CleverTap could not tell whose it is. "
        "Fill the identity column or leave such rows out of the table."
    ),
    RefusalCode.IDENTITY_REFUSED: (
        "CleverTap refuses this word as an identity (for example null, 0, n/a or -1). "
        "Put a real identity in the column."
    ),
    RefusalCode.IDENTITY_TOO_LONG: (
        "The identity is longer than 1,024 characters. Use a shorter identity."
    ),
    RefusalCode.EVENT_NAME_MISSING: (
        "The row has no event name. Fill the event name column or leave such rows out."
    ),
    RefusalCode.EVENT_NAME_FORBIDDEN: (
        "The event name has a character that CleverTap forbids: "
        "% > < ! | & . : ; $ ' \" \\ or #. Rename the event in the table."
    ),
    RefusalCode.EVENT_NAME_TOO_LONG: (
        "The event name is longer than 120 bytes. Use a shorter name."
    ),
    RefusalCode.EVENT_NAME_RESERVED: (
        "The event name belongs to CleverTap itself and cannot be imported. "
        "Rename the event in the table."
    ),
    RefusalCode.CREATED_ON_MISSING: (
        "The row has no event time. Fill the Created On column or leave such rows out."
    ),
    RefusalCode.CREATED_ON_OUT_OF_RANGE: (
        "The event time is before 1970 or after 2286, which CleverTap refuses. "
        "Correct it, or choose another date format for Created On."
    ),
    RefusalCode.TEXT_TOO_LONG: (
        "The text is longer than 512 bytes. Shorten it in the table; it is never cut silently."
    ),
    RefusalCode.TEXT_UNREADABLE: (
        "The text holds a NUL or half a character pair, which cannot be stored. "
        "Clean the text in the table."
    ),
    RefusalCode.NUMBER_INVALID: (
        "The value is not a number. Correct it or map the column as String."
    ),
    RefusalCode.NUMBER_NOT_WHOLE: (
        "The value is not a whole number. Map the column as Float or round it in the table."
    ),
    RefusalCode.NUMBER_OUT_OF_RANGE: (
        "The number is too large, infinite or not a number (NaN). "
        "Correct it or map the column as String."
    ),
    RefusalCode.BOOLEAN_INVALID: (
        "A Boolean must be 0, 1, true or false. Correct the value or map the column as String."
    ),
    RefusalCode.DATE_INVALID: (
        "The value does not match the chosen date format. Correct it or choose another format."
    ),
    RefusalCode.DATE_OUT_OF_RANGE: (
        "The date is outside the years 1 to 9999. Correct it or choose another date format."
    ),
    RefusalCode.EMAIL_INVALID: (
        "The value is not an e-mail address. Correct it, or make it NULL to leave Email out."
    ),
    RefusalCode.PHONE_INVALID: (
        "A phone number must start with + and the country code and have more than four digits. "
        "Correct it, or make it NULL to leave Phone out."
    ),
    RefusalCode.GENDER_INVALID: (
        "Gender must be M or F. Correct it, or make it NULL to leave Gender out."
    ),
    RefusalCode.CHOICE_INVALID: (
        "CleverTap allows only Y or N for Employed and Married, and only School, College or "
        "Graduate for Education. Correct the value, or make it NULL to leave it out."
    ),
    RefusalCode.LIST_TOO_LONG: ("The list has more than 100 different values. Send fewer values."),
    RefusalCode.LIST_ITEM_TOO_LONG: (
        "A value in the list is longer than 512 bytes. Shorten it in the table."
    ),
    RefusalCode.CELL_UNREADABLE: (
        "BigQuery sent this value in another form than the column’s type. "
        "Open the mapping again: the table may have changed."
    ),
    RefusalCode.ROW_UNREADABLE: (
        "BigQuery sent a row with another number of columns than the table had. "
        "Open the mapping again: the table may have changed."
    ),
    RefusalCode.RECORD_TOO_LARGE: (
        "The row alone is larger than one request to CleverTap may be. Map fewer columns."
    ),
}
