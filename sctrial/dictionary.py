"""The data dictionary: every column of every exported table, from one file (``tables/dictionary.toml``).

What a column is called in a SAS file, what its label says, what its codes mean and whether it may leave the
clinic is said there and nowhere else.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from sctrial.aftercare import EXPLANT_REASONS
from sctrial.checklist import BODY_REGIONS
from sctrial.choices import AGAINST_REASONS, CHOICE_WORDS
from sctrial.kleene import Answer
from sctrial.mishaps import ACTIONS, EVENTS, OUTCOMES, RELATED_TO, RELATIONS, SERIOUS_BECAUSE
from sctrial.phases import DiaryPhase, EndReason, Phase
from sctrial.questions import QUESTIONS, Form
from sctrial.reduction import NoPercent
from sctrial.scales import SCALES, ScoreKind
from sctrial.schedule import Timeliness
from sctrial.stimulation import TECHNICAL_CAUSES


class Kind(StrEnum):
    """What a value of a column is. A missing text is empty; of the others a missing value is null."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    FLAG = "flag"


class Identifying(StrEnum):
    """Whether a column may leave the clinic."""

    NO = "no"
    #: In identified files only.
    YES = "yes"
    #: A real day: in identified files as it is, in shifted ones moved, in those with study days left out.
    DATE = "date"
    #: De-identified files hide the values that fewer than five patients share.
    RARE = "rare"


def _words(codes: type[StrEnum]) -> dict[str, str]:
    return {code.value: code.value.replace("_", " ").capitalize() for code in codes}


def _asked() -> dict[str, str]:
    own_words = {code for code, question in QUESTIONS.items() if question.form is Form.TEXT}
    return {code: code.replace("_", " ").capitalize() for code in QUESTIONS if code not in own_words}


#: The parameter of a day's opioid dose in morphine milligram equivalents.
MME: Final = "mme"

#: Code lists by the name that the dictionary gives them: code, and what it means.
CODES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "action": ACTIONS,
        "against": AGAINST_REASONS,
        "answer": _words(Answer),
        "body_region": BODY_REGIONS,
        "choice": {code.value: words for code, words in CHOICE_WORDS.items()},
        "diary_phase": _words(DiaryPhase),
        "end_reason": _words(EndReason),
        "event": EVENTS,
        "explant_reason": EXPLANT_REASONS,
        "kind": _words(ScoreKind),
        "modality": {"SCS": "Spinal cord stimulation", "DRG": "Dorsal root ganglion stimulation"},
        "no_percent": _words(NoPercent),
        "originator": {
            "patient": "Patient",
            "proxy": "Caregiver for the patient",
            "staff": "Staff, from a phone call",
            "import": "Imported file",
        },
        "outcome": OUTCOMES,
        "parameter": _words(ScoreKind) | _asked() | {MME: "Opioid dose of the day"},
        "phase": _words(Phase),
        "related_to": RELATED_TO,
        "relation": RELATIONS,
        "scale": {code.value: scale.label for code, scale in SCALES.items()},
        "serious_because": SERIOUS_BECAUSE,
        "severity": {"mild": "Mild", "moderate": "Moderate", "severe": "Severe"},
        "state": {"answered": "Answered", "missed": "Missed", "excused": "Excused"},
        "technical_cause": TECHNICAL_CAUSES,
        "timeliness": _words(Timeliness),
        "why_missing": {
            "no_answer": "The window closed without an answer",
            "no_phone": "No phone was paired when the window closed",
            "consent_withdrawn": "The patient had withdrawn from the diary",
        },
    }
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``xpt`` is its name in SAS transport files, ``codes`` the name of its code list."""

    name: str
    label: str
    xpt: str
    type: Kind
    definition: str
    missing: str
    unit: str = ""
    codes: str = ""
    identifying: Identifying = Identifying.NO
    source: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "type", Kind(self.type))
        object.__setattr__(self, "identifying", Identifying(self.identifying))

    @property
    def values(self) -> Mapping[str, str]:
        """Code and meaning of each value that there can be; empty where any may be."""
        return CODES[self.codes] if self.codes else {}


@dataclass(frozen=True, slots=True)
class Table:
    """One table; ``key`` are the columns that name a row and give the rows their order."""

    name: str
    title: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError."""
        found = {column.name: column for column in self.columns}
        return found[name]


@cache
def read_dictionary() -> Mapping[str, Table]:
    """The tables by name, in the order of the file."""
    return _read_tables("dictionary.toml")


@cache
def read_cdisc() -> Mapping[str, Table]:
    """The CDISC-style tables, which are made of the others."""
    return _read_tables("cdisc.toml")


def _read_tables(name: str) -> Mapping[str, Table]:
    text = (files("sctrial") / "tables" / name).read_text(encoding="utf-8")
    return MappingProxyType(
        {table: _read_table(table, section) for table, section in tomllib.loads(text).items()}
    )


def _read_table(name: str, section: Mapping[str, object]) -> Table:
    key, columns = section["key"], section["columns"]
    assert isinstance(key, list)
    assert isinstance(columns, list)
    return Table(name, str(section["title"]), tuple(key), tuple(Column(**row) for row in columns))
