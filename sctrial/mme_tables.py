"""Factor tables for morphine milligram equivalents: dated data with holder and source, read strictly."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib.resources import files

from sctrial.limits import parse_number
from sctrial.seal import digest
from sctrial.sources import Source, read_source
from sctrial.strict import DocumentError, Section


class Route(StrEnum):
    """How an opioid is given. Factors are per route: an injected dose is not the oral one."""

    ORAL = "oral"
    TRANSDERMAL = "transdermal"
    BUCCAL = "buccal"
    NASAL = "nasal"
    RECTAL = "rectal"
    SUBCUTANEOUS = "subcutaneous"
    INTRAVENOUS = "intravenous"
    INTRATHECAL = "intrathecal"


class DoseUnit(StrEnum):
    """What a dose is counted in; a patch by its rate."""

    MG = "mg"
    MCG = "mcg"
    MCG_PER_HOUR = "mcg/h"


class UnknownTable(LookupError):
    """A table id that is not shipped; the message lists those that are."""


@dataclass(frozen=True, slots=True)
class Factor:
    """MME a day for one unit a day; ``up_to`` is the largest daily dose it serves, None for any."""

    agent: str
    route: Route
    unit: DoseUnit
    factor: Fraction
    up_to: Fraction | None


@dataclass(frozen=True, slots=True)
class FactorTable:
    """One published table; ``not_converted`` says of an agent why it has no factor."""

    id: str
    title: str
    sources: tuple[Source, ...]
    in_force_from: date
    in_force_to: date | None
    cautions: tuple[str, ...]
    factors: tuple[Factor, ...]
    not_converted: Mapping[str, str]
    digest: str


def read_table(text: str, *, origin: str) -> FactorTable:
    """The table in TOML text. Raises DocumentError naming ``origin``, the key and the remedy."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DocumentError(f"{origin}: is not TOML: {error}; correct the file there") from error
    top = Section(content, origin=origin)
    table = FactorTable(
        id=top.name("id"),
        title=top.text("title"),
        sources=tuple(read_source(section) for section in top.sections("source")),
        in_force_from=top.day("in_force_from"),
        in_force_to=top.optional_day("in_force_to"),
        cautions=top.texts("cautions"),
        factors=tuple(_read_factor(section) for section in top.sections("factor")),
        not_converted=dict(_read_refusal(section) for section in top.sections("not_converted")),
        digest=digest(content),
    )
    top.close()
    _require_sound(table, top=top)
    return table


def _read_factor(section: Section) -> Factor:
    factor = Factor(
        agent=section.name("agent"),
        route=section.choice("route", of=Route),
        unit=section.choice("unit", of=DoseUnit),
        factor=section.parsed("factor", parse_number),
        up_to=section.optional_parsed("up_to", parse_number),
    )
    if factor.factor <= 0:
        raise section.error("factor", "must be above 0; an opioid without a factor goes under not_converted")
    section.close()
    return factor


def _read_refusal(section: Section) -> tuple[str, str]:
    refusal = section.name("agent"), section.text("reason")
    section.close()
    return refusal


def _require_sound(table: FactorTable, *, top: Section) -> None:
    if not table.sources:
        raise top.error("source", "is missing; a factor without a source cannot be checked by anybody")
    keys = [(one.agent, one.route, one.unit, one.up_to) for one in table.factors]
    if not keys or len(set(keys)) < len(keys):
        raise top.error("factor", "is missing or given twice for one agent, route, unit and dose")
    both = sorted({one.agent for one in table.factors} & set(table.not_converted))
    if both:
        raise top.error("not_converted", f"{both[0]} has a factor; remove one of the two")


@cache
def factor_tables() -> Mapping[str, FactorTable]:
    """Every shipped table by id."""
    found = {}
    for file in sorted(files("sctrial").joinpath("tables").iterdir(), key=lambda file: file.name):
        if file.name.startswith("mme_") and file.name.endswith(".toml"):
            table = read_table(file.read_text(encoding="utf-8"), origin=file.name)
            found[table.id] = table
    return found


def factor_table(table_id: str) -> FactorTable:
    """The shipped table called ``table_id``, such as "CDC_2022". Raises UnknownTable."""
    if table_id not in factor_tables():
        known = ", ".join(factor_tables())
        raise UnknownTable(f"there is no factor table {table_id!r}; known are: {known}")
    return factor_tables()[table_id]
