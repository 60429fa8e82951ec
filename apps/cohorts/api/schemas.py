"""What programs of analysts may send."""

from typing import Annotated, Literal

from pydantic import Field

from apps.cohorts.links import LONGEST, SHORTEST, USUAL
from apps.diary.schemas import Body

Table = Literal["subjects", "trials", "entries", "daily", "assessments", "decisions", "events", "expected"]
#: Made of the tables when they are asked for.
CdiscStyle = Literal["adsl", "adqs", "adtte", "qs"]
Format = Literal["csv", "bom.csv", "parquet", "xpt", "sav", "dta"]
OfAll = Literal["xlsx", "sqlite", "redcap.csv", "redcap-eav.csv", "redcap-dictionary.csv"]
AnyTable = Annotated[
    Literal[Table, CdiscStyle, "all"],
    Field(description="A table of the data dictionary, a CDISC-style one, or all of them in one file."),
]
OF_WHICH = "Of one table: csv to dta. Of all tables: xlsx to redcap-dictionary.csv."

Audience = Literal["shared", "clinic"]
Question = Annotated[
    str, Field(max_length=2000, description="Query string of the question; empty asks for every trial.")
]


class SnapshotBody(Body):
    """A cohort question, as its page in the staff site writes it."""

    question: Question = ""
    form: Annotated[
        Literal["study_days", "shifted"],
        Field(description="How days leave: as study days, or moved by whole weeks for each person."),
    ] = "study_days"


class ExportBody(Body):
    """One file, made in the background."""

    table: AnyTable
    format: Annotated[Literal[Format, OfAll], Field(description=OF_WHICH)] = "csv"
    mail: Annotated[bool, Field(description="Whether its person gets a link by mail when it has ended.")] = (
        False
    )


class ReportBody(Body):
    """A cohort report, made in the background as PDF and JSON."""

    question: Question = ""
    audience: Annotated[
        Audience,
        Field(description="`shared` rounds counts to fives and hides small ones; `clinic` is exact."),
    ] = "shared"
    mail: Annotated[bool, Field(description="Whether its person gets a link by mail when it has ended.")] = (
        False
    )


class ScheduleBody(Body):
    """A question, what is made of it, and when."""

    makes: Annotated[
        Literal["snapshot", "report"],
        Field(
            description="The tables, kept for good, or the cohort report as PDF and JSON, kept for a time."
        ),
    ] = "snapshot"
    question: Question = ""
    form: Annotated[
        Literal["study_days", "shifted"] | None,
        Field(description="How days of a snapshot leave; left out, as study days."),
    ] = None
    audience: Annotated[Audience | None, Field(description="For whom a report is; left out, `shared`.")] = (
        None
    )
    every: Annotated[Literal["week", "month"], Field(description="How often it is asked.")]
    day: Annotated[
        int,
        Field(
            ge=1, le=31, description="1 (Monday) to 7 of a week; 1 to 31 of a month, its last day at most."
        ),
    ]
    hour: Annotated[int, Field(ge=0, le=23, description="Full hour by the clock of `clinic`.")]
    clinic: Annotated[int, Field(ge=1, description="Whose clock counts: one that the question asks for.")]


class LinkBody(Body):
    """One file of the snapshot, and for how long."""

    table: AnyTable
    format: Annotated[Literal[Format, OfAll], Field(description=OF_WHICH)] = "parquet"
    minutes: Annotated[
        int, Field(ge=SHORTEST, le=LONGEST, description="For how long it opens; never beyond its key.")
    ] = USUAL
