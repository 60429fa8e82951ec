"""What a phone may send, field by field. Nothing is coerced and nothing unknown is ignored."""

import hashlib
import json
import re
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from apps.problems import FieldError, invalid

RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
CANONICAL_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

Version = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/@+-]{0,39}$")]


class EntryBody(BaseModel):
    """One answer to one question."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

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
        default="patient", description="`proxy` when a caregiver answered for the patient."
    )

    def sha256(self) -> str:
        """Over the fields, so that key order and white space of a re-sent body do not matter."""
        text = json.dumps(self.model_dump(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


class BatchItem(EntryBody):
    id: str = Field(description="Canonical UUIDv4 made by the phone.")

    def sha256(self) -> str:
        return self.body().sha256()

    def body(self) -> EntryBody:
        return EntryBody.model_construct(**self.model_dump(exclude={"id"}))


class PairingBody(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    code: str = Field(min_length=8, max_length=16, examples=["K7QM-2WXD"])
    label: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{0,80}$")] = Field(
        default="", description="How staff will recognise this phone.", examples=["My phone"]
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
}


Body = TypeVar("Body", bound=BaseModel)


def parse(model: type[Body], data: Any) -> Body:
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
