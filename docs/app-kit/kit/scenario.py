"""A synthetic patient as written down in scenarios/*.json: who, what happens, what must come of it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

Answers = Mapping[str, Any]

#: The words of a step, beside `at`, `do`, `phone` and `note`: those needed, those allowed.
STEPS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    do: (frozenset(needed), frozenset(allowed))
    for do, (needed, allowed) in {
        "pair": ((), ("by", "again", "paired")),
        "answer": (("answers",), ("day",)),
        "amend": (("answers",), ()),
        "open": ((), ()),
        "withdraw": ((), ()),
        "sync": ((), ()),
        "kill": ((), ()),
        "start": ((), ()),
        "wait": ((), ()),
        "zone": (("zone",), ()),
        "network": (("state",), ()),
        "fault": (("kind",), ("times", "path", "method", "retry_after", "seconds")),
        "clear_faults": ((), ()),
        "staff": (("act",), ("on",)),
        "expect": ((), ("state", "waiting", "refused", "shown", "not_shown")),
    }.items()
}
COMMON = {"at", "do", "phone", "note"}
TOP = {"name", "title", "why", "trial", "phones", "steps", "expect"}
EXPECTED = {"record", "replaced", "parked", "tasks", "refused", "waiting", "phones_paired"}
GROUP = {
    "day",
    "answers",
    "window",
    "timeliness",
    "originator",
    "late_sync",
    "zone",
    "language",
    "why",
    "phone",
}


class BadScenario(ValueError):
    """A file that cannot be played; the message names the file and the place."""


@dataclass(frozen=True, kw_only=True)
class Phone:
    name: str
    holder: str
    zone: str
    language: str
    clock_error_seconds: int


@dataclass(frozen=True, kw_only=True)
class Step:
    """`at` is None when it follows the step before without a pause."""

    number: int
    at: datetime | None
    do: str
    phone: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One answer that must be in one place, and what must be true of it."""

    question: str
    value: Any
    facts: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    name: str
    title: str
    why: str
    trial: Mapping[str, Any]
    phones: tuple[Phone, ...]
    steps: tuple[Step, ...]
    expect: Mapping[str, Any]

    @property
    def begins(self) -> datetime:
        assert self.steps[0].at
        return self.steps[0].at

    def expected(self, where: str) -> list[Expected]:
        """The answers under `expect`, one by one."""
        return [one for group in self.expect.get(where, []) for one in self._group(group, where)]

    def _group(self, group: Mapping[str, Any], where: str) -> Iterator[Expected]:
        standing = {
            "diary_day": group["day"],
            "window": 1 if self.trial.get("diary_windows") else None,
            "timeliness": "on_time",
            "originator": "patient",
            "late_sync": False,
            "zone": self.phones[0].zone,
            "language": self.phones[0].language,
        }
        named = {key: value for key, value in group.items() if key in standing or key in ("why", "phone")}
        # A refused answer has a day and a reason, and no place in the diary.
        facts = {"diary_day": group["day"]} | named if where in ("parked", "refused") else standing | named
        for question, value in group["answers"].items():
            yield Expected(question=question, value=value, facts=facts)


def load(folder: Path) -> list[Scenario]:
    return [read(path) for path in sorted(folder.glob("*.json"))]


def read(path: Path) -> Scenario:
    try:
        return _scenario(json.loads(path.read_text(encoding="utf-8")), name=path.stem)
    except (KeyError, TypeError, ValueError) as error:
        reason = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
        raise BadScenario(f"{path.name}: {reason}") from None


def _scenario(raw: Mapping[str, Any], *, name: str) -> Scenario:
    _known(raw, TOP, where="the file")
    _known(raw["expect"], EXPECTED, where="expect")
    for group in (group for part in raw["expect"].values() if isinstance(part, list) for group in part):
        _known(group if isinstance(group, dict) else {}, GROUP, where="expect")
    phones = tuple(map(_phone, raw["phones"]))
    names = {phone.name for phone in phones}
    steps = tuple(
        _step(step, number=n, phones=names, first=phones[0].name) for n, step in enumerate(raw["steps"], 1)
    )
    if raw["name"] != name:
        raise ValueError(f"its name is {raw['name']!r}, that of the file {name!r}")
    if steps[0].at is None:
        raise ValueError("the first step needs an `at`")
    later = [step.at for step in steps if step.at]
    if later != sorted(later):
        raise ValueError("the steps go back in time")
    return Scenario(
        name=name,
        title=raw["title"],
        why=raw["why"],
        trial=raw["trial"],
        phones=phones,
        steps=steps,
        expect=raw["expect"],
    )


def _phone(raw: Mapping[str, Any]) -> Phone:
    _known(raw, {"name", "holder", "zone", "language", "clock_error_seconds"}, where="phones")
    return Phone(
        name=raw["name"],
        holder=raw.get("holder", "patient"),
        zone=raw["zone"],
        language=raw.get("language", "en"),
        clock_error_seconds=raw.get("clock_error_seconds", 0),
    )


def _step(raw: Mapping[str, Any], *, number: int, phones: set[str], first: str) -> Step:
    if raw["do"] not in STEPS:
        raise ValueError(f"step {number}: {raw['do']!r} is none of {', '.join(STEPS)}")
    needed, allowed = STEPS[raw["do"]]
    fields = {key: value for key, value in raw.items() if key not in COMMON}
    _known(fields, needed | allowed, where=f"step {number}")
    if missing := needed - fields.keys():
        raise ValueError(f"step {number}: {', '.join(sorted(missing))} is missing")
    phone = raw.get("phone", first)
    if phone not in phones:
        raise ValueError(f"step {number}: there is no phone {phone!r}")
    return Step(number=number, at=_instant(raw.get("at")), do=raw["do"], phone=phone, fields=fields)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text} has no offset")
    return instant


def _known(raw: Mapping[str, Any], known: set[str] | frozenset[str], *, where: str) -> None:
    if unknown := raw.keys() - known:
        raise ValueError(f"{where}: unknown words {', '.join(sorted(unknown))}")
