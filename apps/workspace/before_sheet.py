"""One form of the record before the trial: drawn from a version of a row, or from none."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.text import capfirst

from apps.patients.models import BeforeTrial
from apps.patients.selectors import standing
from apps.patients.services import NONE_YET, Act, CannotKeep, Changed, keep, newest_version
from apps.trials.models import StimulationTrial
from apps.trials.rules import rules_of
from apps.trials.whys import why_in
from apps.workspace.before_forms import KINDS, BeforeForm, Kind
from apps.workspace.body_map import body_map
from apps.workspace.corrected import words_of
from apps.workspace.revise_forms import WhyForm
from apps.workspace.selectors import names_of
from sctrial.lacking import statements_before

STALE = "Somebody else has written meanwhile. Nothing was kept; what you typed still stands below."
STRUCK = "Somebody else has struck it out meanwhile. Nothing was kept: restore it first."


@dataclass(frozen=True, slots=True)
class Difference:
    """One field, as the form was drawn and as it stands by now."""

    what: str
    old: str
    new: str


class Sheet:
    """``sent`` is what came with the form; None draws it."""

    def __init__(self, trial: StimulationTrial, what: str, *, old: BeforeTrial | None, sent: Any) -> None:
        self.trial, self.what, self.kind = trial, what, KINDS[what]
        self.old, self.sent = old, sent
        self.form = self._form()
        asks_why = old is not None and not self.kind.one_at_a_time
        self.why = WhyForm(sent) if asks_why else None
        self.meanwhile: list[Difference] = []
        self.status = HTTPStatus.OK

    def _form(self) -> BeforeForm:
        statements = statements_before(rules_of(self.trial.clinic_id).values())
        says_nothing = self.old is None or self.old.is_void
        instance = self.kind.model(patient=self.trial.patient) if says_nothing else copy(self.old)
        return self.kind.form(self.sent, instance=instance, statements=statements)

    def is_kept(self, act: Act) -> bool:
        # Both are asked, so that all that is missing is told at once.
        if not all([self.form.is_valid(), self.why is None or self.why.is_valid()]):
            return False
        nothing = NONE_YET if self.kind.one_at_a_time else None
        instead_of = nothing if self.old is None else self.old.pk
        given: dict[str, Any] = {
            "values": self.form.values(),
            "instead_of": instead_of,
            "why": why_in(self.sent),
        }
        try:
            keep(self.kind.model, self.trial.patient, act=act, **given)
        except Changed:
            self._look_again()
            return False
        except CannotKeep as refused:
            self.form.add_error(None, f"{refused}".capitalize())
            return False
        return True

    def _look_again(self) -> None:
        """What was typed stays; sent again, it takes the place of what stands by now."""
        newest = newest_version(
            self.kind.model, self.trial.patient, None if self.old is None else self.old.pk
        )
        is_struck = newest is not None and newest.is_void
        self.form.add_error(None, STRUCK if is_struck else STALE)
        self.meanwhile = list(differences(self.old, newest))
        self.old, self.status = newest, HTTPStatus.CONFLICT

    def context(self) -> dict[str, Any]:
        verb = "Change" if self.old is not None else "Add"
        by = "" if self.old is None else self.old.recorded_by
        regions = self.form["regions"].value() or () if self.what == "regions" else None
        return {
            "title": f"{verb} {self.kind.words}: {self.trial.patient}",
            "trial": self.trial,
            "form": self.form,
            "why": self.why,
            "what": self.what,
            "kind": self.kind,
            "old": self.old,
            "drawn_from": NONE_YET if self.old is None else self.old.pk,
            "meanwhile": self.meanwhile,
            "meanwhile_by": names_of([by]).get(by, by) if self.meanwhile else "",
            "strikes": None if self.old is None or self.old.is_void else WhyForm(auto_id="strike-%s"),
            "views": () if regions is None else body_map(regions),
        }


def drawn_from(
    request: HttpRequest, kind: Kind, trial: StimulationTrial, row: int | None
) -> BeforeTrial | None:
    """The version that the sent form was drawn from; for a new form what stands now. Raises Http404."""
    rows: Any = kind.model.objects.filter(patient=trial.patient_id)
    if kind.one_at_a_time:
        if request.method != "POST":
            newest: BeforeTrial | None = newest_version(kind.model, trial.patient, None)
            return newest
        said = request.POST.get("drawn_from", "")
        row = int(said) if said.isascii() and said.isdecimal() and len(said) < 19 else None
        found: BeforeTrial | None = rows.filter(pk=row).first()
        return found
    if row is None:
        return None
    old: BeforeTrial | None = rows.filter(pk=row).first()
    is_gone = request.method != "POST" and not standing(kind.model, trial.patient).filter(pk=row).exists()
    if old is None or is_gone:
        raise Http404
    return old


def differences(old: BeforeTrial | None, new: BeforeTrial | None) -> Iterator[Difference]:
    """What the newer row says otherwise."""
    if new is None:
        return
    about = {field.name for field in BeforeTrial._meta.local_fields} | {"id"}
    for field in new._meta.concrete_fields:
        was, says = (None if row is None else getattr(row, field.attname) for row in (old, new))
        if field.name not in about and (was or None) != (says or None):
            yield Difference(capfirst(str(field.verbose_name)), words_of(field, was), words_of(field, says))
