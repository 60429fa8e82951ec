"""What a phone may send, field by field. Nothing is coerced and nothing unknown is ignored."""

import hashlib
import json
import re
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from apps.problems import FieldError, invalid
from sctrial.questions import QUESTIONS

RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
CANONICAL_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

Parsed = TypeVar("Parsed", bound=BaseModel)
Version = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/@+-]{0,39}$")]


Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$")]
Uuid4 = Annotated[str, Field(pattern=rf"^{CANONICAL_UUID4.pattern}$")]
#: A clock that is further off than this is not wrong, it is another year.
MOST_CLOCK_ERROR = 10 * 365 * 24 * 3600


def local_text(instant: datetime | None, offset_minutes: int | None) -> str | None:
    if instant is None or offset_minutes is None:
        return None
    return instant.astimezone(timezone(timedelta(minutes=offset_minutes))).isoformat()


class Body(BaseModel):
    """Anything a phone sends: nothing unknown, nothing coerced."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    def sha256(self) -> str:
        """Over the fields, so that key order and white space of a re-sent body do not matter."""
        return digest_of(self.model_dump())


def digest_of(fields: dict[str, Any]) -> str:
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


class CapturedBody(Body):
    """An answer's own circumstances: when, where, for which day, instead of which other answer."""

    captured_at: str = Field(
        description="When the patient answered: RFC 3339 with offset.",
        examples=["2026-10-12T20:14:05+02:00"],
    )
    zone: str = Field(
        description="IANA name of the zone the phone was in. It fixes the diary day, once.",
        examples=["Europe/Berlin"],
    )
    instrument_version: Version = Field(
        description="Which wording the patient saw.", examples=["nrs-average-24h/1"]
    )
    app_version: Version | None = Field(default=None, examples=["1.0.0"])
    originator: Literal["patient", "proxy"] = Field(
        default="patient",
        description="`proxy` when a caregiver answered for the patient. Left out, it is the phone's holder.",
        # A client generated from a default would send it, and a caregiver's phone say that the patient spoke.
        json_schema_extra=_without_default,
    )
    begun_at: str | None = Field(
        default=None,
        description="When the question was opened. Lets an answer in that was begun in the window and "
        "finished within 15 minutes after it.",
        examples=["2026-10-12T20:13:40+02:00"],
    )
    about: Literal["today", "yesterday"] = Field(
        default="today", description="`yesterday`: one late answer for the diary day before, marked late."
    )
    supersedes: Uuid4 | None = Field(
        default=None,
        description="The answer this one replaces, until its window closes. May arrive before it.",
    )
    language: Language | None = Field(
        default=None, description="In which the question was read.", examples=["en"]
    )
    clock_error_seconds: Annotated[int, Field(ge=-MOST_CLOCK_ERROR, le=MOST_CLOCK_ERROR)] | None = Field(
        default=None,
        description="How far the phone's clock was ahead; `captured_at` is corrected by it already.",
    )

    def sha256(self) -> str:
        """What came into the contract later counts only where it is used: old answers keep their digest."""
        later = {name for name in LATER_FIELDS if getattr(self, name) == LATER_FIELDS[name]}
        return digest_of(self.model_dump(exclude=later))

    def originator_on(self, *, holder: str) -> str:
        return self.originator if "originator" in self.model_fields_set else holder


#: Fields that version 1.0 did not have, each with what it means when left out.
LATER_FIELDS: dict[str, object] = {
    "begun_at": None,
    "about": "today",
    "supersedes": None,
    "language": None,
    "clock_error_seconds": None,
}


class EntryBody(CapturedBody):
    """One pain score."""

    region: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")] = Field(
        description="Where the pain is. `target` is the region the trial is decided on.",
        examples=["target"],
    )
    kind: Literal["average", "worst", "least", "current"] = Field(
        description="Which pain was asked for. Kinds are never mixed.", examples=["average"]
    )
    value: int = Field(
        description="The number the patient chose, as a JSON integer in steps of the trial's scale: "
        "0 to 10 on the 0-10 numeric rating scale.",
        examples=[4],
    )


class AnswerBody(CapturedBody):
    """One answer to any other question."""

    question: Literal[tuple(QUESTIONS)] = Field(  # type: ignore[valid-type]
        description="Code of the question.", examples=["sleep"]
    )
    answer: dict[str, Any] = Field(
        description='One key, that of the question\'s form: {"number": 6}, {"choice": "yes"}, '
        '{"choices": ["fever"]} or {"text": "..."}.',
        examples=[{"number": 6}],
    )


class BatchEntry(EntryBody):
    id: str = Field(description="Canonical UUIDv4 made by the phone.")

    def body(self) -> EntryBody:
        return _without_id(self, EntryBody)


class BatchAnswer(AnswerBody):
    id: str = Field(description="Canonical UUIDv4 made by the phone.")

    def body(self) -> AnswerBody:
        return _without_id(self, AnswerBody)


def _without_id(item: BaseModel, model: type[Parsed]) -> Parsed:
    fields = item.model_dump(exclude={"id"})
    return model.model_construct(_fields_set=item.model_fields_set - {"id"}, **fields)


class CorrectionBody(Body):
    """After its window has closed an answer is corrected by staff; this asks them to."""

    entry: Uuid4 | None = Field(default=None, description="The pain score in question, or `answer`.")
    answer: Uuid4 | None = Field(default=None, description="The other answer in question, or `entry`.")
    reason: Literal["wrong_number", "wrong_day", "not_mine", "other"] = Field(examples=["wrong_number"])
    text: str = Field(
        description="In the patient's words, 1 to 200 characters.", examples=["I meant 3, not 8."]
    )
    proposed_value: int | None = Field(default=None, description="What the score should have been.")
    captured_at: str = Field(examples=["2026-10-13T09:00:00+02:00"])
    zone: str = Field(examples=["Europe/Berlin"])


class ConsentBody(Body):
    """The patient agrees to the diary, or stops it."""

    decision: Literal["given", "withdrawn"] = Field(examples=["given"])
    version: Version = Field(description="Of the text that was shown.", examples=["diary-consent/1"])
    language: Language = Field(description="In which it was shown.", examples=["en"])
    captured_at: str = Field(examples=["2026-10-01T09:00:00+02:00"])
    zone: str = Field(examples=["Europe/Berlin"])


class PairingBody(Body):
    code: str = Field(
        min_length=8,
        max_length=64,
        description="The typed code, or the secret of the QR's link.",
        examples=["K7QM-2WXD"],
    )
    label: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{0,80}$")] = Field(
        default="", description="How staff will recognise this phone.", examples=["My phone"]
    )
    attempt: Uuid4 | None = Field(
        default=None,
        description="Made by the phone. The same code with the same attempt answers again, should the "
        "first answer have been lost.",
    )
    language: Language | None = Field(default=None, examples=["en"])
    zone: str | None = Field(default=None, examples=["Europe/Berlin"])


class RemindersBody(Body):
    push: bool = Field(description="To this phone, once it has sent a push subscription.")
    email: bool = Field(description="To the address that the clinic holds.")
    sms: bool = Field(description="To the number that the clinic holds.")


class PushKeys(Body):
    p256dh: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{80,100}={0,2}$")]
    auth: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{20,30}={0,2}$")]


class PushSubscription(Body):
    endpoint: Annotated[str, Field(pattern=r"^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[\x21-\x7e]{1,900}$")]
    keys: PushKeys


class DeviceBody(Body):
    """All settings of this phone; the whole is replaced."""

    label: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{0,80}$")] = Field(examples=["My phone"])
    language: Language = Field(examples=["en"])
    zone: str = Field(examples=["Europe/Berlin"])
    app_version: Version | None = Field(
        default=None, description="Shown to staff beside the phone.", examples=["1.0.0"]
    )
    reminders: RemindersBody = Field(description="Which ways the patient wants to be reminded.")
    push_subscription: PushSubscription | None = Field(
        default=None, description="What the browser's `pushManager.subscribe` gave; null: none."
    )


REMEDIES: dict[tuple[str, str], tuple[str, str]] = {
    ("value", "int_type"): ("not_an_integer", "Send a JSON integer; decimals, text and true are refused."),
    ("captured_at", "string_type"): ("not_text", "Send RFC 3339 text with an offset."),
    ("zone", "string_type"): ("not_text", "Send an IANA zone name as text."),
}
GENERAL: dict[str, tuple[str, str]] = {
    "missing": ("required", "This field is required."),
    "extra_forbidden": ("unknown_field", "This field is not known here; leave it out."),
    "string_type": ("not_text", "Send text."),
    "literal_error": ("unknown_value", "Not one of the accepted values."),
    "string_pattern_mismatch": ("malformed", "Not in the accepted form."),
    "string_unicode": ("malformed", "Not valid Unicode text."),
    "string_too_short": ("malformed", "Too short."),
    "string_too_long": ("malformed", "Too long."),
    "model_type": ("not_an_object", "Send a JSON object."),
    "dict_type": ("not_an_object", "Send a JSON object."),
    "int_type": ("not_an_integer", "Send a JSON integer; decimals, text and true are refused."),
    "bool_type": ("not_a_flag", "Send true or false."),
    "greater_than_equal": ("out_of_range", "Too small."),
    "less_than_equal": ("out_of_range", "Too large."),
}


def parse(model: type[Parsed], data: Any) -> Parsed:
    """``data`` as a ``model``; raises a 400 that names every wrong field."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
        raise invalid(*map(_field_error, details)) from None


def _field_error(detail: ErrorDetails) -> FieldError:
    where, kind = detail["loc"], detail["type"]
    field = str(where[-1]) if where else ""
    code, remedy = REMEDIES.get((field, kind)) or GENERAL.get(kind) or ("invalid", detail["msg"])
    # Keys that the phone made up may hold anything: keep the pointer short and printable.
    pointer = "".join(f"/{str(part)[:60]}" for part in where)
    return FieldError(pointer.encode("ascii", "backslashreplace").decode(), code, remedy)
