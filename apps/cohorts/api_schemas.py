"""What programs of analysts may send."""

from typing import Annotated, Literal

from pydantic import Field

from apps.cohorts.links import LONGEST, SHORTEST, USUAL
from apps.diary.schemas import Body

Table = Literal["subjects", "trials", "entries", "daily", "assessments", "decisions", "events", "expected"]
Format = Literal["csv", "bom.csv", "parquet", "xpt", "sav", "dta"]
OfAll = Literal["xlsx", "sqlite", "redcap.csv", "redcap-eav.csv", "redcap-dictionary.csv"]


class SnapshotBody(Body):
    """A cohort question, as its page in the staff site writes it."""

    question: Annotated[
        str,
        Field(max_length=2000, description="Query string of the question; empty asks for every trial."),
    ] = ""
    form: Annotated[
        Literal["study_days", "shifted"],
        Field(description="How days leave: as study days, or moved by whole weeks for each person."),
    ] = "study_days"


class ExportBody(Body):
    """One file, made in the background."""

    table: Annotated[
        Literal[Table, "all"],
        Field(description="A table of the data dictionary, or all of them in one file."),
    ]
    format: Annotated[
        Literal[Format, OfAll],
        Field(description="Of one table: csv to dta. Of all tables: xlsx to redcap-dictionary.csv."),
    ] = "csv"
    mail: Annotated[bool, Field(description="Whether its person gets a link by mail when it has ended.")] = (
        False
    )


class LinkBody(Body):
    """One file of the snapshot, and for how long."""

    table: Annotated[Table, Field(description="A table of the data dictionary.")]
    format: Annotated[Format, Field(description="The format of the file.")] = "parquet"
    minutes: Annotated[
        int, Field(ge=SHORTEST, le=LONGEST, description="For how long it opens; never beyond its key.")
    ] = USUAL
