"""The verdict of each record: official codes, recorded sentences, nothing stored when refused."""

import pytest

from tests.sandbox.clevertap.builders import CleverTap, event, profile

FORBIDDEN = "%><!|&.:;$'\"\\"


def test_accepts_a_profile_and_an_event_in_one_request(clevertap: CleverTap):
    answer = clevertap.upload(profile(Name="Ann"), event(sku="A1"))

    assert (answer.status, answer.body) == (
        200,
        {"status": "success", "processed": 2, "unprocessed": []},
    )


def test_answers_partial_with_the_record_and_its_position(clevertap: CleverTap):
    bad = profile("bob", Email="1234")

    answer = clevertap.upload(profile("ann", Email="ann@example.com"), bad)

    assert answer.status == 200
    assert answer.body == {
        "status": "partial",
        "processed": 1,
        "unprocessed": [
            {
                "status": "fail",
                "code": 515,
                "error": "Profile data is incorrect. Email is not valid.Skipped record number : 2",
                "record": bad,
            }
        ],
    }


def test_answers_fail_under_http_200_when_no_record_is_good(clevertap: CleverTap):
    answer = clevertap.upload(profile(ts=0), profile(Phone="223"))

    assert (answer.status, answer.body["status"], answer.body["processed"]) == (200, "fail", 0)
    assert [entry["error"] for entry in answer.body["unprocessed"]] == [
        "Timestamp should be present in the Unix Epoch format. Skipped record number : 1",
        "Profile data is incorrect. Phone number is not valid.Skipped record number : 2",
    ]


def test_says_what_the_real_api_says_of_a_missing_event_name(clevertap: CleverTap):
    answer = clevertap.upload({"type": "event", "identity": "ann", "evtData": {"a": 1}})

    assert answer.body["unprocessed"][0]["error"] == (
        "Event Name is incorrect. ErrorCode: 509 - Event name is mandatory. "
        "Skipped record number : 1"
    )


@pytest.mark.parametrize("name", ["App Launched", "app  launched", "APPLAUNCHED", "Identity Set"])
def test_refuses_a_system_event_however_it_is_spelt(clevertap: CleverTap, name: str):
    answer = clevertap.upload(event(name=name))

    assert answer.body["unprocessed"][0]["code"] == 513
    assert "513 - Trying to raise a restricted system event" in str(answer.body)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"Gender": "male"}, 514),
        ({"Gender": 1}, 514),
        ({"Email": ""}, 515),
        ({"Email": "a@b"}, 515),
        ({"Email": "a b@example.com"}, 515),
        ({"Email": "a..b@example.com"}, 515),
        ({"Email": 5}, 515),
        ({"Phone": "4917012345"}, 516),
        ({"Phone": "+4917"}, 516),
        ({"Phone": "+44+441234"}, 516),
        ({"Phone": 4917012345}, 516),
        ({"Employed": "yes"}, 517),
        ({"Education": "PhD"}, 518),
        ({"Married": True}, 519),
        ({"Age": "aa"}, 520),
        ({"Age": 121}, 520),
        ({"Age": True}, 520),
    ],
)
def test_refuses_a_system_property_that_breaks_its_rule(
    clevertap: CleverTap, data: dict[str, object], code: int
):
    assert clevertap.refused({"type": "profile", "identity": "ann", "profileData": data}) == code


def test_accepts_every_system_property_in_its_documented_form(clevertap: CleverTap):
    record = profile(
        Gender="F", Email="ann.o'neil+x@mail.example.co.uk", Phone="+35922333232", Employed="Y",
        Education="Graduate", Married="N", Age="18", DOB="$D_315532800",
    )  # fmt: skip

    assert clevertap.refused(record) == 0


def test_of_several_faults_reports_the_first_code_once(clevertap: CleverTap):
    answer = clevertap.upload(profile(Phone="1", Email="x", Age="aa"))

    assert [entry["code"] for entry in answer.body["unprocessed"]] == [515]


@pytest.mark.parametrize(
    "identity",
    [
        None, "", "  ", "null", "NULL", " n/a ", "0", 0, "-1", "nan", "Undefined", "xxxxxx",
        True, 1.5, ["ann"], {"a": 1}, "x" * 1024, "\ud800",
    ],
)  # fmt: skip
@pytest.mark.parametrize("build", [profile, event])
def test_refuses_an_identity_that_names_nobody(clevertap: CleverTap, identity: object, build):
    assert clevertap.refused(build(identity)) == 523


@pytest.mark.parametrize("identity", ["x" * 1023, 42, "Zoë", "ann@example.com", "00", "None such"])
def test_accepts_an_identity_within_the_limit(clevertap: CleverTap, identity: object):
    assert clevertap.refused(profile(identity)) == 0


def test_refuses_a_clevertap_id_with_its_own_code(clevertap: CleverTap):
    assert clevertap.refused({"type": "profile", "objectId": "null", "profileData": {}}) == 526


@pytest.mark.parametrize("kind", ["objectId", "FBID", "GPID"])
def test_takes_any_of_the_other_kinds_of_identity(clevertap: CleverTap, kind: str):
    record = {"type": "event", kind: "__a1b2", "evtName": "Bought", "evtData": {}}

    assert clevertap.refused(record) == 0
    assert clevertap.control("events", identity="__a1b2")["events"][0]["kind"] == kind


@pytest.mark.parametrize("ts", [0, -1, "1700000000", 1.7e9, 1_700_000_000_000, True, "now"])
@pytest.mark.parametrize("build", [profile, event])
def test_refuses_a_time_that_is_not_in_epoch_seconds(clevertap: CleverTap, ts: object, build):
    assert clevertap.refused({**build(), "ts": ts}) == 525


@pytest.mark.parametrize("record", [None, 1, "profile", [], {}, {"type": "user", "identity": "a"}])
def test_refuses_what_is_neither_event_nor_profile(clevertap: CleverTap, record: object):
    answer = clevertap.upload(record)

    assert answer.body["unprocessed"][0]["code"] == 524
    assert answer.body["unprocessed"][0]["record"] == record


@pytest.mark.parametrize("name", [None, "", "  ", 7, ["Bought"]])
def test_refuses_an_event_without_a_name(clevertap: CleverTap, name: object):
    assert clevertap.refused(event(name=name)) == 509


@pytest.mark.parametrize("letter", FORBIDDEN)
def test_refuses_forbidden_letters_in_names(clevertap: CleverTap, letter: str):
    in_name, in_key = event(name=f"a{letter}b"), event(**{f"a{letter}b": 1})

    assert [clevertap.refused(in_name), clevertap.refused(in_key)] == [512, 512]
    assert clevertap.refused(profile(**{f"a{letter}b": 1})) == 555


def test_refuses_a_hash_sign_in_keys_but_not_in_event_names(clevertap: CleverTap):
    assert clevertap.refused(event(name="Seat #4")) == 0
    assert clevertap.refused(event(**{"Seat #4": 1})) == 512


@pytest.mark.parametrize(
    "data", ["text", [], 5, {"a": [1]}, {"a": {"b": 1}}, {"": 1}, {"k" * 121: 1}, {"a": "v" * 513}]
)
def test_refuses_event_data_that_is_not_flat_or_too_long(clevertap: CleverTap, data: object):
    assert clevertap.refused({**event(), "evtData": data}) == 512


def test_counts_the_limits_of_values_in_bytes(clevertap: CleverTap):
    assert clevertap.refused(event(a="é" * 256)) == 0
    assert clevertap.refused(event(a="é" * 257)) == 512


def test_refuses_more_than_256_event_properties(clevertap: CleverTap):
    assert clevertap.refused(event(**{f"p{n}": n for n in range(256)})) == 0
    assert clevertap.refused(event(**{f"p{n}": n for n in range(257)})) == 522


@pytest.mark.parametrize("value", ["$D_", "$D_2024-01-01", "$D_1700000000000"])
def test_refuses_a_date_that_is_not_in_epoch_seconds(clevertap: CleverTap, value: str):
    assert clevertap.refused(event(when=value)) == 512
    assert clevertap.refused(profile(when=value)) == 555


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9223372036854775808"])
def test_refuses_a_number_that_no_column_could_hold(clevertap: CleverTap, number: str):
    text = '{"d":[{"type":"event","identity":"ann","evtName":"Bought","evtData":{"a":%s}}]}'

    answer = clevertap.send((text % number).encode())
    assert [entry["code"] for entry in answer.body["unprocessed"]] == [512]


def test_takes_items_only_in_a_charged_event(clevertap: CleverTap):
    items = [{"Name": "Tea", "Price": 2.5}]

    assert clevertap.refused(event(name="Charged", Amount=5, Items=items)) == 0
    assert clevertap.refused(event(name="Charged", Items=[{"a": [1]}])) == 512
    assert clevertap.refused(event(name="Bought", Items=items)) == 512


@pytest.mark.parametrize(
    "data",
    [
        "text", None, {"k" * 121: 1}, {"a": "v" * 513}, {"a": {"b": 1}}, {"a": [1, 2]},
        {"a": {"$add": "x"}}, {"a": {"$incr": "1"}}, {"a": {"$add": ["x"], "$remove": ["y"]}},
        {"a": {"$rename": "b"}}, {f"p{n}": n for n in range(257)},
    ],
)  # fmt: skip
def test_refuses_a_profile_beyond_the_documented_limits(clevertap: CleverTap, data: object):
    assert clevertap.refused({"type": "profile", "identity": "ann", "profileData": data}) == 555


def test_stores_nothing_of_a_refused_record(clevertap: CleverTap):
    clevertap.upload(profile("eve", Email="x", Name="Eve"), event("eve", name=None))

    assert clevertap.control("profiles", identity="eve") == {"profiles": []}
    assert clevertap.control("events", identity="eve") == {"events": []}
