"""The shapes of the answers to programs of analysts, for the description."""

from typing import Literal

from pydantic import BaseModel, Field


class KeyClinicOut(BaseModel):
    id: int
    name: str
    role: str


class KeyOut(BaseModel):
    """What this key is and may, and never the key itself."""

    name: str
    prefix: str = Field(description="The key's first characters after `sctrial_`.")
    scopes: list[str]
    expires_at: str
    person: str = Field(description="User name of the person whose key it is.")
    clinics: list[KeyClinicOut] = Field(description="Where that person works, and as what.")


class SnapshotOut(BaseModel):
    id: str = Field(description="The day and a digest over all rows: the same data give the same id.")
    question: str
    form: Literal["study_days", "shifted"]
    made_at: str


class SnapshotTableOut(BaseModel):
    name: str
    rows: int
    sha256: str = Field(description="Of the table's CSV file, so that a file at hand can be checked.")


class SnapshotDetailOut(SnapshotOut):
    engine: str
    rule_sets: list[str]
    tables: list[SnapshotTableOut]
    cdisc_style: list[str] = Field(description="Further tables, made of the others when they are asked for.")
    formats: list[str] = Field(description="Of one table.")
    formats_of_all: list[str] = Field(description="Of all tables in one file, under the name `all`.")


class SnapshotsOut(BaseModel):
    results: list[SnapshotOut]
    next: str | None


class LinkOut(BaseModel):
    url: str = Field(description="Opens this one file without a header, until `expires_at`.")
    expires_at: str


class ExportOut(BaseModel):
    """A file in the making, or made."""

    id: str
    snapshot: str
    table: str
    format: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    rows_done: int
    rows_known: int | None
    error: str = Field(description="Why it was not made, and what helps; empty otherwise.")
    asked_at: str
    ended_at: str | None
    expires_at: str | None = Field(description="Until when the file is kept.")
    size: int = Field(description="Bytes of the file; 0 until it is there.")
    sha256: str = Field(description="Of the file; empty until it is there.")
    url: str | None = Field(description="Where the file is while it is kept; bring the key.")


class ExportsOut(BaseModel):
    results: list[ExportOut]
    next: str | None


class ReportFileOut(BaseModel):
    kind: Literal["json", "pdf"]
    url: str = Field(description="Where the file is while it is kept; bring the key.")


class ReportJobOut(BaseModel):
    """A cohort report in the making, or made."""

    id: str
    question: str = Field(description="Query string of the question, its clinics named.")
    audience: Literal["shared", "clinic"]
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    error: str = Field(description="Why it was not made, and what helps; empty otherwise.")
    asked_at: str
    made_at: str | None = Field(description="When its rows were read.")
    ended_at: str | None
    expires_at: str | None = Field(description="Until when its files are kept.")
    files: list[ReportFileOut] = Field(description="Empty until it is there, and when it is kept no more.")


class ReportJobsOut(BaseModel):
    results: list[ReportJobOut]
    next: str | None


class ScheduleRunOut(BaseModel):
    """What came of a slot: a snapshot, a report, or an error."""

    due_at: str
    snapshot: str | None
    report: str | None = Field(description="Id of the report; its state says whether it is made.")
    error: str


class ScheduleOut(BaseModel):
    """A question that is asked again each week or month."""

    id: int
    makes: Literal["snapshot", "report"]
    question: str = Field(description="Query string of the question, its clinics named: they stay those.")
    form: Literal["study_days", "shifted"] | None = Field(description="Of a snapshot.")
    audience: Literal["shared", "clinic"] | None = Field(description="Of a report.")
    every: Literal["week", "month"]
    day: int
    hour: int
    clinic: int = Field(description="Whose clock counts.")
    zone: str
    state: Literal["active", "paused", "stopped"]
    stopped_because: str = Field(description="Why it stopped by itself, and what helps; empty otherwise.")
    made_at: str
    next_at: str | None = Field(description="Its next slot, while it is on.")
    last: ScheduleRunOut | None


class SchedulesOut(BaseModel):
    results: list[ScheduleOut]
    next: str | None


class FigureOut(BaseModel):
    """A figure as its table."""

    key: str
    title: str
    how_to_read: str
    percent_of: str = Field(description="What the percents are of.")
    n: int | str = Field(description="How many it counts; text where the count is hidden.")
    missing: str = Field(description="Who is missing, and why.")
    notes: list[str]
    columns: list[str]
    rows: list[list[str | int | float | None]] = Field(description="Hidden counts are text.")


class ReportOut(BaseModel):
    title: str
    question: str = Field(description="In words.")
    address: str = Field(description="The page that asks the same of the same clinics.")
    clinics: list[str] = Field(description="By name; a shared report says only how many.")
    rule_sets: list[str] = Field(description="Id and version of each that judged a trial in it.")
    engine: str
    data: str = Field(description="Digest over every row behind the figures: equal digests are equal rows.")
    made_at: str
    shared: bool = Field(description="Whether it is fit to leave the clinic.")
    notice: str
    figures: list[FigureOut]
