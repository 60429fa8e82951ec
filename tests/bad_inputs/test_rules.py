"""More inputs than any list holds, made by rule: every type in every field, every spelling, every character.

Each rule is asked of the whole service; the few that are drawn are drawn by Hypothesis from a fixed space.
"""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.diary.policies import NOT_A_PLACE, zone_names
from tests.bad_inputs.asks import Ask, answer_path, batch_id, entry_path, with_token
from tests.bad_inputs.catalogue import CASES, CATALOGUE
from tests.bad_inputs.service import Phone, faults_of
from tests.factories import make_answer_body, make_entry_body

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]
SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
drawn = settings(max_examples=40, suppress_health_check=SHARED)

#: One token of every JSON type, and the numbers that are none of a scale.
TOKENS = ["null", "true", "false", "0", "-1", "7", "7.0", "1e1", "-0", "1E400", "9" * 400, '""', '"7"', '"x"']
TOKENS += ["[]", "[7]", "{}", '{"a": 1}', '"\\u0000"', '"\\ud800"', '"' + "x" * 5000 + '"', '"\\n"', '" "']
ENTRY_FIELDS = ["region", "kind", "value", "captured_at", "zone", "instrument_version", "app_version"]
ENTRY_FIELDS += ["originator", "begun_at", "about", "supersedes", "language", "clock_error_seconds"]
#: What a field does take of those tokens.
TAKES: dict[str, set[str]] = {
    "region": {'"x"'},
    "value": {"0", "7"},
    "app_version": {"null", '"7"', '"x"'},
    "begun_at": {"null"},
    "supersedes": {"null"},
    "language": {"null"},
    "clock_error_seconds": {"null", "0", "-1", "7"},
}
#: Well-formed, and a wording that is not known here: refused, and kept for staff.
UNKNOWN_WORDING = {("instrument_version", '"7"'), ("instrument_version", '"x"')}


@pytest.mark.parametrize("name", ENTRY_FIELDS)
def test_every_field_takes_its_own_type_and_nothing_else(phone: Phone, name: str) -> None:
    for token in TOKENS:
        status = 201 if token in TAKES.get(name, set()) else 400
        status = 409 if (name, token) in UNKNOWN_WORDING else status
        ask = Ask("PUT", entry_path(), with_token(make_entry_body(), **{name: token}), status)
        assert faults_of(ask, phone.ask(ask)) == [], token


@pytest.mark.parametrize("name", ["region", "kind", "value", "captured_at", "zone", "instrument_version"])
def test_every_field_that_is_needed_is_missed(phone: Phone, name: str) -> None:
    body = make_entry_body()
    del body[name]
    ask = Ask("PUT", entry_path(), json.dumps(body).encode(), 400, f"/{name}", "required")

    assert faults_of(ask, phone.ask(ask)) == []


@pytest.mark.parametrize("question", ["sleep", "stated_relief", "go_ahead", "red_flags", "note"])
@pytest.mark.parametrize("form", ["number", "choice", "choices", "text"])
def test_every_form_of_answer_takes_its_own_type_and_nothing_else(
    phone: Phone, question: str, form: str
) -> None:
    takes = {
        ("sleep", "number"): {"0", "7"},
        ("stated_relief", "number"): {"0"},
        ("red_flags", "choices"): {"[]"},
        ("note", "text"): {'"7"', '"x"'},
    }.get((question, form), set())
    for token in TOKENS:
        raw = with_token(make_answer_body(question), answer=f'{{"{form}": {token}}}')
        ask = Ask("PUT", answer_path(), raw, 201 if token in takes else 400)
        assert faults_of(ask, phone.ask(ask)) == [], token


def other_spellings(canonical: str) -> list[str]:
    """Everything that some library reads as this UUID, and what only looks like it."""
    plain = canonical.replace("-", "")
    digits = str.maketrans("0123456789", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19")
    return [
        canonical.upper(),
        canonical.title(),
        plain,
        plain.upper(),
        *[f"{open_}{canonical}{close}" for open_, close in ("{}", "()", "[]", '""', "''", "<>", "  ")],
        *[f"{prefix}{canonical}" for prefix in ("urn:uuid:", "uuid:", "URN:UUID:", "0x", "\ufeff", "\u200b")],
        *[f"{canonical}{suffix}" for suffix in (" ", "\n", "\u0000", "\u200b", "-", "0", ".json", "%00")],
        canonical.translate(digits),
        canonical.replace("-", "\u2010"),
        canonical.replace("-", "_"),
        canonical[:-1],
        str(int(plain, 16)),
        *[canonical[:14] + version + canonical[15:] for version in "012356789abcdef"],
        *[canonical[:19] + variant + canonical[20:] for variant in "01234567cdef"],
    ]


SPELLINGS = other_spellings("5b7c1f0e-9b1d-4c2e-8f3a-0123456789ab")


def test_an_id_has_one_spelling(phone: Phone) -> None:
    canonical = "5b7c1f0e-9b1d-4c2e-8f3a-0123456789ab"
    body = json.dumps(make_entry_body()).encode()
    assert phone.ask(Ask("PUT", entry_path(canonical), body, 201)).status == 201

    for spelling in SPELLINGS:
        put = Ask("PUT", entry_path(spelling), body, 400, "/id", "not_uuid4")
        item = batch_id(CASES["I002"], json.dumps(spelling))
        change = with_token(make_entry_body(), supersedes=json.dumps(spelling))
        replaces = Ask("PUT", entry_path(), change, 400, "/supersedes", "malformed")
        for ask in (put, item, replaces):
            assert faults_of(ask, phone.ask(ask)) == [], repr(spelling)


def wrong_zones(name: str) -> list[str]:
    area, _, place = name.partition("/")
    return [
        name.lower(),
        name.upper(),
        place,
        f"{name} ",
        f" {name}",
        f"{name}\u0000",
        f"{name}\n",
        f"/{name}",
        f"./{name}",
        f"{area}/../{name}",
        f"{area}//{place}",
        f"posix/{name}",
        f"right/{name}",
        name.replace("/", "\\"),
        name.replace("e", "\u0435"),
        f"/usr/share/zoneinfo/{name}",
    ]


OTHER_ZONES = [
    *NOT_A_PLACE,
    "",
    ".",
    "..",
    "tzdata.zi",
    "zone.tab",
    "leapseconds",
    "+01:00",
    "UTC+1",
    "GMT+25",
]
OTHER_ZONES += [
    "EST5EDT;",
    "CET-1CEST,M3.5.0,M10.5.0/3",
    "Europe",
    "A" * 5000,
    "\ud800",
    "__init__.py",
    "CON",
]


def test_a_zone_has_one_name(phone: Phone) -> None:
    """The time is true in UTC, so that nothing but the name can be refused."""
    named = [one for name in ("Europe/Berlin", "America/Argentina/Ushuaia") for one in wrong_zones(name)]
    for zone in [*named, *OTHER_ZONES]:
        raw = with_token(
            make_entry_body(captured_at="2026-10-12T17:30:00Z"),
            zone=json.dumps(zone),
        )
        ask = Ask("PUT", entry_path(), raw, 400, "/zone")
        assert faults_of(ask, phone.ask(ask)) == [], repr(zone)


instants = st.integers(0, 600).map(lambda days: datetime(2025, 2, 1, 12, tzinfo=UTC) + timedelta(days=days))


@drawn
@given(zone=st.sampled_from(sorted(zone_names())), instant=instants, quarters=st.integers(-14 * 4, 14 * 4))
def test_only_the_offset_that_the_zone_has_then_is_taken(
    phone: Phone, zone: str, instant: datetime, quarters: int
) -> None:
    true = instant.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    sent = timedelta(minutes=15 * quarters)
    sign, minutes = "-" if sent < timedelta() else "+", abs(sent) // timedelta(minutes=1)
    local = (instant + sent).replace(tzinfo=None).isoformat()
    body = make_entry_body(zone=zone, captured_at=f"{local}{sign}{minutes // 60:02}:{minutes % 60:02}")
    status, code = (201, "") if sent == true else (400, "offset_zone_mismatch")

    ask = Ask("PUT", entry_path(), json.dumps(body).encode(), status, code=code)

    assert faults_of(ask, phone.ask(ask)) == []


CONTROLS = [chr(code) for code in [*range(32), 127, *range(0x80, 0xA0)] if chr(code) != "\n"]


def test_no_control_character_is_kept_in_any_text(phone: Phone) -> None:
    for char in CONTROLS:
        for text in (char, f"a{char}b"):
            body = make_answer_body("note", {"text": text})
            ask = Ask("PUT", answer_path(), json.dumps(body).encode(), 400, "/answer", "not_an_answer")
            assert faults_of(ask, phone.ask(ask)) == [], repr(char)


#: What decodes bytes as something else than JSON in UTF-8 would make an answer of these.
ENCODINGS = ["utf-16", "utf-16-le", "utf-32", "utf-7", "utf-8-sig", "cp037"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_json_in_another_encoding_is_no_json(phone: Phone, encoding: str) -> None:
    raw = json.dumps(make_entry_body()).encode(encoding)
    if encoding == "utf-7":
        raw = raw.replace(b"target", b"+AHQ-arget")
    ask = Ask("PUT", entry_path(), raw, 400)

    assert faults_of(ask, phone.ask(ask)) == []


@drawn
@given(st.binary(max_size=200))
def test_random_bytes_are_no_answer(phone: Phone, raw: bytes) -> None:
    ask = Ask("PUT", entry_path(), raw, 400)

    assert faults_of(ask, phone.ask(ask)) == []


keys = st.text(min_size=1, max_size=30).filter(lambda key: key not in ENTRY_FIELDS)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@drawn
@given(key=keys, value=anything)
def test_a_key_that_is_not_known_is_refused_whatever_it_holds(phone: Phone, key: str, value: Any) -> None:
    ask = Ask("PUT", entry_path(), json.dumps(make_entry_body() | {key: value}).encode(), 400)

    assert faults_of(ask, phone.ask(ask)) == []


MUTATIONS = ["drop", "double", "swap"]


@drawn
@given(how=st.sampled_from(MUTATIONS), place=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_damaged_body_is_refused_or_is_another_good_answer(
    phone: Phone, how: str, place: int, byte: int
) -> None:
    """One byte lost, doubled or flipped on the way. What is still an answer is stored as it reads."""
    whole = json.dumps(make_entry_body()).encode()
    at = place % len(whole)
    middle = {"drop": b"", "double": whole[at : at + 1] * 2, "swap": bytes([byte])}[how]
    raw = whole[:at] + middle + whole[at + 1 :]

    answer = phone.ask(Ask("PUT", entry_path(), raw, 201))

    assert answer.status in (201, 400, 409)
    assert faults_of(Ask("PUT", entry_path(), raw, answer.status), answer) == []
    if answer.status == 201:
        sent = json.loads(raw)
        assert (answer.json["value"], answer.json["region"]) == (sent["value"], sent["region"])


def test_the_rules_make_more_than_a_list_would_hold() -> None:
    # Each token goes into every field of an entry, and into every form of five questions' answers.
    tokens = len(TOKENS) * (len(ENTRY_FIELDS) + 5 * 4)
    # Each spelling of an id goes into the address, a batch and `supersedes`.
    spelled = 3 * len(SPELLINGS)

    assert tokens + spelled + 2 * len(CONTROLS) + len(OTHER_ZONES) > 3 * CATALOGUE["count"]
    assert len(set(SPELLINGS)) == len(SPELLINGS)
    assert uuid.UUID(SPELLINGS[0]).version == 4
