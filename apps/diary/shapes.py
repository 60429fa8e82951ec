"""The shapes of the API's answers, for its description. Requests stand in ``schemas``."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from apps.diary.schemas import BatchAnswer, BatchEntry
from sctrial.dictionary import read_dictionary


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


def told(column: str) -> str:
    """What the data dictionary says of a column of ``entries``: exports and API describe it alike."""
    found = read_dictionary()["entries"].column(column)
    # Behind a semicolon stands what an export does with it.
    return f"{found.label}: {found.definition.partition(';')[0]}."


class CapturedOut(BaseModel):
    captured_at: str
    zone: str
    diary_day: str = Field(description=told("diary_on"))
    window: int | None = Field(description=told("window_number"))
    timeliness: Literal["on_time", "grace", "late"] = Field(description=told("timeliness"))
    late_sync: bool = Field(description="Received on a later day than it was answered.")
    received_at: str
    originator: Literal["patient", "proxy", "staff", "import"] = Field(description=told("originator"))
    language: str | None = Field(description=told("language"))
    instrument_version: str = Field(description=told("instrument_version"))
    supersedes: str | None
    receipt: str = Field(description="First 16 hex digits of the SHA-256 of the answer; also its ETag.")


class EntryOut(CapturedOut):
    """The stored pain score. The same for a first send and for every replay."""

    id: str
    region: str = Field(description=told("region"))
    kind: str = Field(description=told("kind"))
    scale: str = Field(description=told("scale"))
    value: int = Field(description="As the phone sent it, in steps of the scale.")


class SafetyOut(BaseModel):
    """Whom to call; nobody reads the diary in real time."""

    clinic_phone: str
    emergency_phone: str
    not_monitored: str


class AnswerOut(CapturedOut):
    """The stored answer. The same for a first send and for every replay."""

    id: str
    question: str
    answer: dict[str, Any]
    safety: SafetyOut | None = Field(description="Set when a warning sign was named.")


class EntriesOut(BaseModel):
    results: list[EntryOut]
    next: str | None


class BatchBody(BaseModel):
    entries: list[BatchEntry] = Field(default_factory=list, max_length=500)
    answers: list[BatchAnswer] = Field(default_factory=list, max_length=500)


class BatchResultOut(BaseModel):
    id: str | None
    status: int = Field(description="What a single PUT would have answered: 201, 200, 400, 404 or 409.")
    entry: EntryOut | None = None
    answer: AnswerOut | None = None
    problem: dict[str, Any] | None = None


class BatchOut(BaseModel):
    results: list[BatchResultOut]


class CorrectionOut(BaseModel):
    id: str
    entry: str | None
    answer: str | None
    reason: str
    text: str
    proposed_value: int | None
    captured_at: str
    received_at: str
    originator: str
    state: Literal["open", "accepted", "declined"]
    staff_note: str
    receipt: str


class CorrectionsOut(BaseModel):
    results: list[CorrectionOut]
    next: str | None


class ConsentOut(BaseModel):
    id: str
    decision: Literal["given", "withdrawn"]
    version: str
    language: str
    captured_at: str
    received_at: str
    originator: str
    receipt: str


class ClinicOut(BaseModel):
    name: str
    phone: str
    emergency_phone: str


class TrialOut(BaseModel):
    id: str
    scale: str
    diary_from: str
    lead_placed_on: str | None
    clinic: ClinicOut


class PairedOut(BaseModel):
    token: str = Field(description="Shown once. Send it as `Authorization: Bearer <token>`.")
    holder: Literal["patient", "proxy"]
    trial: TrialOut
    server_time: str


class RemindersOut(BaseModel):
    push: bool
    email: bool
    sms: bool


class DeviceOut(BaseModel):
    label: str
    holder: Literal["patient", "proxy"]
    language: str
    zone: str
    app_version: str | None
    reminders: RemindersOut
    push_subscription: dict[str, Any] | None
    push_public_key: str | None = Field(description="VAPID key for `pushManager.subscribe`; null: no push.")


class TodayTrialOut(BaseModel):
    id: str
    scale: str
    state: Literal["not_started", "baseline", "trial", "ended", "closed"]
    diary_from: str
    lead_placed_on: str | None
    planned_end_on: str | None
    ended_on: str | None
    day_starts_at_hour: int
    goal: str
    target_area: str
    clinic: ClinicOut


class TodayConsentOut(BaseModel):
    state: Literal["needed", "given", "withdrawn"]
    version: str
    language: str | None
    at: str | None


class ProgressOut(BaseModel):
    answered_days: int
    closed_days: int = Field(description="Days of this phase that are over, or answered already.")


class FormOut(BaseModel):
    type: Literal["number", "choice", "choices", "text"]
    minimum: int | None = None
    maximum: int | None = None
    step: int | None = None
    choices: list[str] | None = None


class QuestionOut(BaseModel):
    resource: Literal["entries", "answers"]
    region: str | None = None
    kind: str | None = None
    question: str | None = None
    any_time: bool | None = None
    instrument_version: str
    form: FormOut
    wording: dict[str, Any] = Field(description="`text`, `help`, `low`, `high`, `choices` by code.")


class WindowOut(BaseModel):
    number: int | None
    opens: str = Field(description="Wall clock of the patient, `2026-10-12T18:00`; no offset on purpose.")
    closes: str
    grace_until: str
    asks: list[str] = Field(description="Keys of `questions`, in the order to ask them.")
    answered: dict[str, dict[str, Any]]


class DayOut(BaseModel):
    diary_day: str
    phase: Literal["baseline", "trial"]
    windows: list[WindowOut]


class TodayOut(BaseModel):
    """The day before, today, and two weeks ahead, so that a phone can ask without a network."""

    server_time: str
    zone: str
    diary_day: str
    language: str
    holder: Literal["patient", "proxy"]
    trial: TodayTrialOut
    consent: TodayConsentOut
    progress: ProgressOut
    questions: dict[str, QuestionOut]
    days: list[DayOut]
