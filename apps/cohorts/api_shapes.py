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
    formats: list[str]


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
