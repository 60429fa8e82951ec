"""What a cohort is asked for: read from a plain query string, and written back as one."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from apps.trials.models.trials import MODALITIES
from sctrial.scales import ScaleCode
from sctrial.stimulation import WAVEFORMS

#: How much of a diagnosis code may be asked for: M, M5, M54, M54.1.
_CODE_PREFIX: Final = re.compile(r"[A-Z](?:[0-9](?:[0-9A-Z](?:\.[0-9A-Z]{0,4})?)?)?", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_RULE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}", re.ASCII)
_LONGEST_DEVICE: Final = 80


class BadQuestion(ValueError):
    """A question that cannot be asked; ``errors`` says by parameter what to write instead."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(f"{name}: {text}" for name, text in errors.items()))
        self.errors = dict(errors)


class Order(StrEnum):
    """Which trials of a patient."""

    FIRST = "first"
    REPEAT = "repeat"


ORDERS: Final = {Order.FIRST: "first trials of patients", Order.REPEAT: "repeat trials"}


@dataclass(frozen=True, slots=True)
class CohortQuestion:
    """Which trials; empty is "any". Both days are inclusive and of the placement of the leads.

    A trial without placed leads is in a cohort only when neither day is asked for. ``rule_set`` leaves no
    trial out: it is the rule set under which each is told, empty being the trial's own.
    """

    placed_from: date | None = None
    placed_to: date | None = None
    modality: str = ""
    scale: str = ""
    diagnosis: str = ""
    waveform: str = ""
    device: str = ""
    order: Order | None = None
    rule_set: str = ""
    clinics: tuple[int, ...] = ()

    @property
    def query(self) -> str:
        """The query string that reads back as this question; equal questions have equal text."""
        asked = ((PARAMETERS[field.name], getattr(self, field.name)) for field in fields(self))
        return urlencode([pair for name, value in asked for pair in _written(name, value)])

    @property
    def words(self) -> str:
        """The question in one line, for a heading."""
        parts = [
            f"{label} {value}".strip()
            for name, label in LABELS.items()
            if (value := self._value_words(name)) != ""
        ]
        return ", ".join(parts) or "every trial"

    def _value_words(self, name: str) -> str:
        value = getattr(self, name)
        if isinstance(value, Order):
            return ORDERS[value]
        return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value or "")


#: Field, and its parameter in an address.
PARAMETERS: Final[Mapping[str, str]] = {
    "placed_from": "from",
    "placed_to": "to",
    "modality": "modality",
    "scale": "scale",
    "diagnosis": "diagnosis",
    "waveform": "waveform",
    "device": "device",
    "order": "order",
    "rule_set": "rule_set",
    "clinics": "clinic",
}
LABELS: Final[Mapping[str, str]] = {
    "placed_from": "leads placed from",
    "placed_to": "leads placed to",
    "modality": "modality",
    "scale": "scale",
    "diagnosis": "diagnosis",
    "waveform": "waveform",
    "device": "stimulator",
    "order": "",
    "rule_set": "judged under",
    "clinics": "clinic",
}


def read_question(text: str) -> CohortQuestion:
    """The question in a query string. Raises BadQuestion, naming each parameter that cannot be read.

    A known parameter without a value is not asked for, as forms send it. Only ``clinic`` may be given twice.
    """
    values, errors = _sorted_out(text)
    found: dict[str, Any] = {}
    for field, name in PARAMETERS.items():
        if name in values and name not in errors:
            try:
                found[field] = _READERS[field](values[name])
            except ValueError as error:
                errors[name] = str(error)
    if "from" not in errors and "to" not in errors and _ends_before_start(found):
        errors["to"] = "lies before the first day; exchange the two."
    if errors:
        raise BadQuestion(errors)
    return CohortQuestion(**found)


def _sorted_out(text: str) -> tuple[dict[str, list[str]], dict[str, str]]:
    values: dict[str, list[str]] = {}
    asked = parse_qsl(text, keep_blank_values=True)
    for name, value in asked:
        if value.strip():
            values.setdefault(name, []).append(value.strip())
    known = ", ".join(PARAMETERS.values())
    errors = {
        name: f"is no parameter of a cohort; write one of {known}."
        for name, _ in asked
        if name not in PARAMETERS.values()
    }
    twice = (name for name, given in values.items() if len(given) > 1 and name != PARAMETERS["clinics"])
    return values, dict.fromkeys(twice, "is given twice; give it once.") | errors


def _ends_before_start(found: Mapping[str, Any]) -> bool:
    start, end = found.get("placed_from"), found.get("placed_to")
    return start is not None and end is not None and end < start


def _read_day(values: list[str]) -> date:
    try:
        if not _DAY.fullmatch(values[0]):
            raise ValueError
        return date.fromisoformat(values[0])
    except ValueError:
        raise ValueError("is no day; write it as 2026-10-31.") from None


def _one_of(codes: Mapping[str, object] | type[StrEnum]) -> Callable[[list[str]], str]:
    def read(values: list[str]) -> str:
        if values[0] not in list(codes):
            raise ValueError(f"is not known; write one of {', '.join(codes)}.")
        return values[0]

    return read


def _read_code(values: list[str]) -> str:
    code = values[0].upper()
    if not _CODE_PREFIX.fullmatch(code):
        raise ValueError("is no beginning of an ICD-10-CM code; write M54 or M96.1.")
    return code


def _read_device(values: list[str]) -> str:
    if len(values[0]) > _LONGEST_DEVICE or not values[0].isprintable():
        raise ValueError(f"is no make and model; write at most {_LONGEST_DEVICE} printable characters.")
    return values[0]


def _read_rule(values: list[str]) -> str:
    if not _RULE_ID.fullmatch(values[0]):
        raise ValueError("is no id of a rule set; write one such as MAC_NORIDIAN.")
    return values[0]


def _read_clinics(values: list[str]) -> tuple[int, ...]:
    if not all(_NUMBER.fullmatch(value) for value in values):
        raise ValueError("is no number of a clinic; write one such as 3.")
    return tuple(sorted({int(value) for value in values}))


_READERS: Final[Mapping[str, Callable[[list[str]], Any]]] = {
    "placed_from": _read_day,
    "placed_to": _read_day,
    "modality": _one_of(MODALITIES),
    "scale": _one_of(ScaleCode),
    "diagnosis": _read_code,
    "waveform": _one_of(WAVEFORMS),
    "device": _read_device,
    "order": lambda values: Order(_one_of(Order)(values)),
    "rule_set": _read_rule,
    "clinics": _read_clinics,
}


def _written(name: str, value: Any) -> list[tuple[str, str]]:
    several = value if isinstance(value, tuple) else (value,)
    return [(name, str(one)) for one in several if one not in (None, "")]
