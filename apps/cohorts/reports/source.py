"""What a report rests on: the rows, the rules and the engine behind it, and the address that asks again."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import pandas as pd
from django.conf import settings
from django.urls import reverse
from pandas.util import hash_pandas_object

from apps.accounts.models import Clinic
from apps.cohorts.models import OutcomeTable
from apps.cohorts.question import CohortQuestion
from apps.cohorts.reports.material import Material
from sctrial import ENGINE_VERSION
from sctrial.disclosure import SMALLEST_SHOWN

#: The day of the report stands beside the digest; it is no fact about the cohort.
CLOCK: Final = "as_of"
OTHERS: Final = f"others, each for fewer than {SMALLEST_SHOWN} trials"
SHOWN_OF_DIGEST: Final = 16


@dataclass(frozen=True, slots=True)
class Source:
    """``data`` is a digest over every row that was read: equal digests are equal rows."""

    question: str
    address: str
    clinics: tuple[str, ...]
    rule_sets: tuple[str, ...]
    data: str
    engine: str = ENGINE_VERSION

    @property
    def lines(self) -> dict[str, str]:
        """Label and words, as the page and the PDF show them."""
        return {
            "Question": self.question,
            "Address": self.address,
            "Clinics": ", ".join(self.clinics),
            "Rule sets": ", ".join(self.rule_sets) or "none judged",
            "Engine": self.engine,
            "Data": self.data,
        }

    def as_json(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "address": self.address,
            "clinics": list(self.clinics),
            "rule_sets": list(self.rule_sets),
            "engine": self.engine,
            "data": self.data,
        }


def source_of(
    question: CohortQuestion, material: Material, *, clinics: Iterable[int], shared: bool, route: str
) -> Source:
    """The address names its clinics: asked by somebody who may read more, it means the same trials."""
    asked = tuple(sorted(clinics))
    names = tuple(Clinic.objects.filter(pk__in=asked).order_by("pk").values_list("name", flat=True))
    return Source(
        question=replace(question, clinics=()).words,
        address=f"{settings.PUBLIC_URL}{reverse(route)}?{replace(question, clinics=asked).query}",
        clinics=(_counted(len(names)),) if shared else names,
        rule_sets=_rule_sets(material.trials, shared=shared),
        data=digest_of(material),
    )


def source_of_table(table: OutcomeTable, *, shared: bool) -> Source:
    place = reverse("cohorts:imported", args=[table.pk])
    return Source(
        question=f"{table.source}; {table.outcome}; licence {table.licence}",
        address=settings.PUBLIC_URL + place,
        clinics=(_counted(1),) if shared else (table.clinic.name,),
        rule_sets=(),
        # The name of a clinic's own file may name the clinic.
        data=f"sha256:{table.file_sha256[:SHOWN_OF_DIGEST]}" + ("" if shared else f" ({table.file_name})"),
    )


def _counted(clinics: int) -> str:
    """A shared report names no clinic."""
    return f"{clinics} clinic" if clinics == 1 else f"{clinics} clinics"


def _rule_sets(trials: Sequence[Mapping[str, Any]], *, shared: bool) -> tuple[str, ...]:
    """Those under which the trials are told, as id and version; few trials of one are not told of outside."""
    judged = Counter(
        f"{row['rule_set']} {row['rule_set_version']}" for row in trials if row["rule_set_version"]
    )
    told = [rule for rule in sorted(judged) if not shared or judged[rule] >= SMALLEST_SHOWN]
    return (*told, OTHERS) if len(told) < len(judged) else tuple(told)


def digest_of(material: Material) -> str:
    """Over all rows that the figures are made of, whatever clock read them."""
    found = hashlib.sha256()
    for field in fields(material):
        value = getattr(material, field.name)
        if field.name != CLOCK:
            found.update(field.name.encode())
            found.update(_frame_bytes(value) if isinstance(value, pd.DataFrame) else _text(value))
    return f"sha256:{found.hexdigest()[:SHOWN_OF_DIGEST]}"


def _frame_bytes(frame: pd.DataFrame) -> bytes:
    return hash_pandas_object(frame, index=False).to_numpy().tobytes()


def _text(value: object) -> bytes:
    return json.dumps(value, default=str, sort_keys=True).encode()
