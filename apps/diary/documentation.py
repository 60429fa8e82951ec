"""What the OpenAPI page says of each operation: shapes, words and examples, no behaviour."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from pydantic import BaseModel, Field

from apps.diary.schemas import BatchItem, EntryBody, PairingBody


class FieldErrorOut(BaseModel):
    pointer: str = Field(description="JSON pointer into the sent body; empty for the whole body.")
    code: str
    detail: str


class ProblemOut(BaseModel):
    """RFC 9457 problem."""

    type: str
    title: str
    status: int
    code: str
    errors: list[FieldErrorOut]
    request_id: str


class EntryOut(BaseModel):
    """The stored answer. The same for a first send and for every replay."""

    id: str
    region: str
    kind: str
    scale: str
    value: int
    captured_at: str
    zone: str
    diary_day: str = Field(description="The patient's calendar day, fixed when the answer was accepted.")
    received_at: str
    originator: str
    instrument_version: str
    receipt: str = Field(description="First 16 hex digits of the SHA-256 of the answer.")


class BatchBody(BaseModel):
    entries: list[BatchItem] = Field(max_length=500)


class BatchResultOut(BaseModel):
    id: str | None
    status: int = Field(description="What a single PUT would have answered: 201, 200, 400, 404 or 409.")
    entry: EntryOut | None = None
    problem: dict[str, Any] | None = None


class BatchOut(BaseModel):
    results: list[BatchResultOut]


class ClinicOut(BaseModel):
    name: str
    phone: str


class TrialOut(BaseModel):
    id: str
    scale: str
    diary_from: str
    lead_placed_on: str | None
    clinic: ClinicOut


class PairedOut(BaseModel):
    token: str = Field(description="Shown once. Send it as `Authorization: Bearer <token>`.")
    trial: TrialOut


def problem(description: str) -> dict[tuple[int | str, str], OpenApiResponse]:
    return OpenApiResponse(ProblemOut, description=description)  # type: ignore[return-value]


REFUSED = {
    (400, "application/problem+json"): problem("A field is wrong; `errors` names it. Nothing was stored."),
    (401, "application/problem+json"): problem("The phone is not paired, or its pairing was revoked."),
    (413, "application/problem+json"): problem("The body is too large."),
    (503, "application/problem+json"): problem("Not stored; send it again after `Retry-After`."),
}
MISSING = {(404, "application/problem+json"): problem("No such entry in this trial.")}
CONFLICT = {
    (409, "application/problem+json"): problem(
        "`entry_conflict`: the id carries another answer. `trial_closed`: no answers are taken now."
    )
}
ENTRY_ID = OpenApiParameter(
    "entry_id", str, OpenApiParameter.PATH, description="Canonical UUIDv4 made by the phone."
)
EXAMPLE = {
    "region": "target",
    "kind": "average",
    "value": 4,
    "captured_at": "2026-10-12T20:14:05+02:00",
    "zone": "Europe/Berlin",
    "instrument_version": "nrs-average-24h/1",
}
EXAMPLE_ID = "5b7c1f0e-9b1d-4c2e-8f3a-0123456789ab"

PUT_ENTRY: dict[str, Any] = {
    "operation_id": "put_diary_entry",
    "summary": "Send one answer",
    "description": "Safe to repeat: the same id and body answer 200 with the same representation.",
    "parameters": [ENTRY_ID],
    "request": EntryBody,
    "responses": {201: EntryOut, 200: EntryOut, **REFUSED, **MISSING, **CONFLICT},
    "examples": [OpenApiExample("An evening answer", value=EXAMPLE, request_only=True)],
}
GET_ENTRY: dict[str, Any] = {
    "operation_id": "get_diary_entry",
    "summary": "Read one answer back",
    "parameters": [ENTRY_ID],
    "responses": {
        200: EntryOut,
        **{key: REFUSED[key] for key in REFUSED if key[0] in (401, 503)},
        **MISSING,
    },
}
POST_BATCH: dict[str, Any] = {
    "operation_id": "post_diary_batch",
    "summary": "Send a backlog of answers",
    "description": "Good answers are stored, bad ones are named; sending the whole batch again is harmless.",
    "request": BatchBody,
    "responses": {207: BatchOut, **REFUSED, **CONFLICT},
    "examples": [
        OpenApiExample(
            "Two evenings without network",
            value={"entries": [{"id": EXAMPLE_ID, **EXAMPLE}]},
            request_only=True,
        )
    ],
}
POST_PAIRING: dict[str, Any] = {
    "operation_id": "pair_device",
    "summary": "Exchange a pairing code for this phone's token",
    "request": PairingBody,
    "responses": {
        201: PairedOut,
        (400, "application/problem+json"): REFUSED[400, "application/problem+json"],
    },
    "auth": [],
}
