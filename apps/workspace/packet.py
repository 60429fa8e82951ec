"""The packet for a payer: what was signed, as a tagged PDF. Each figure leads to its entries."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any, Final

import typst
from django.conf import settings
from django.template.loader import render_to_string

from apps.diary.answer_words import BY_WHOM
from apps.diary.models import DiaryEntry
from apps.outcomes.models import Assessment, Decision
from apps.outcomes.standing import changed_since
from apps.patients.models import ConservativeTherapy, Diagnosis, EligibilityReview, PriorAuthorisation
from apps.patients.selectors import marked_regions, standing
from apps.trials.models import StimulationTrial
from apps.trials.rules import read_rulebook
from apps.workspace import selectors
from apps.workspace.before_page import therapy_line
from apps.workspace.before_review import review_lines
from apps.workspace.diary_chart import Chart, chart_of, events_of
from apps.workspace.reliefs import both_reliefs
from apps.workspace.sign_page import Event
from apps.workspace.sign_page import events_of as signed_of
from apps.workspace.target import target_notes
from apps.workspace.verdicts import NOTICE, Reading, read_assessment
from sctrial.checklist import region_words
from sctrial.choices import Choice
from sctrial.criteria import RuleSet, Setting
from sctrial.decision import parse_document
from sctrial.reduction import display_mean

STANDARD: Final = "ua-1"
OWN: Final = "The trial's own rule"
PAYERS: Final = "Payers and routine care"
STUDIES: Final = "Endpoints of studies and grades of relief"
#: Whether a payer is asked for a trial or for the permanent system.
REQUESTS: Final[Mapping[Choice, str]] = {
    Choice.IMPLANT: "Permanent implant, after the trial told here.",
    Choice.REPEAT_TRIAL: "A further trial, not a permanent implant.",
    Choice.EXTEND: "A longer trial, not a permanent implant.",
    Choice.NO_IMPLANT: "None: neither a trial nor a permanent implant.",
    Choice.DEFER: "None yet: the decision is deferred.",
}
DEMO: Final = "Demo data: made-up people."


@dataclass(frozen=True, slots=True)
class Packet:
    """Everything the pages say, read once."""

    trial: StimulationTrial
    decision: Decision
    reading: Reading
    evidence: dict[str, Any]
    events: list[Event]
    chart: Chart
    changed: str

    def pdf(self) -> bytes:
        chart = self.chart.drawings[0] if self.chart.drawings else None
        svg = (
            render_to_string("workspace/chart.svg", {"drawing": chart, "chart": self.chart}) if chart else ""
        )
        signed_at = self.events[-1].row.signed_at
        return bytes(
            typst.compile(
                _template(),
                format="pdf",
                pdf_standards=[STANDARD],
                ignore_system_fonts=True,
                timestamp=int(signed_at.timestamp()),
                sys_inputs={"data": json.dumps(self.words(has_chart=bool(svg))), "chart": svg.strip()},
            )
        )

    def words(self, *, has_chart: bool) -> dict[str, Any]:
        trial, reading, decision = self.trial, self.reading, self.decision
        signed_at = self.events[-1].row.signed_at
        return {
            "title": "Stimulation trial: packet for the payer",
            "clinic": trial.clinic.name,
            "subject": trial.patient.pseudonym,
            "trial": f"{trial.patient.pseudonym} · {trial.get_modality_display()} · {trial.target_words} · "
            f"leads placed {trial.lead_placed_on} · ended {trial.ended_on} · {trial.clinic.name}",
            "notice": f"{DEMO} {NOTICE}" if settings.DEMO else NOTICE,
            "changed": self.changed,
            "rule": f"{reading.title} ({reading.row.rule_set_id} {reading.row.rule_set_version})",
            "answer": reading.answer_words,
            "sentence": reading.why,
            "certainty": reading.certainty,
            "reliefs": self._reliefs(),
            "criteria": [
                ["· " * one.depth + one.label, one.value, one.threshold, one.answer_words, one.text]
                for one in reading.criteria
            ],
            "decision": f"{decision.get_choice_display()}.",
            "reason": f"{decision.get_reason_code_display()}: {decision.reason}" if decision.reason else "",
            "signatures": list(_signatures(self.events)),
            "request": REQUESTS[Choice(decision.choice)],
            "referral": _referral(trial),
            "target": target_of(trial, at=signed_at),
            "diagnoses": list(_diagnoses(trial, at=signed_at)),
            "authorisations": list(_authorisations(trial, at=signed_at)),
            "therapies": list(_therapies(trial, at=signed_at)),
            "psychology": psychology_of(trial, at=signed_at),
            "has_chart": has_chart,
            "chart_title": self.chart.title,
            "interval": f"Blue band: where the trial mean may lie. {self.chart.interval}"
            if self.chart.interval
            else "",
            "chart_words": self.chart.summary,
            "events": [[str(one.number), str(one.day), one.title, one.detail] for one in self.chart.events],
            "diary": list(_diary(self.evidence)),
            "digests": list(self._digests()),
        }

    def _reliefs(self) -> str:
        both = both_reliefs(self.reading, facts=self.evidence.get("facts", {}))
        return f"Stated relief: {both.value}, {both.note}. {both.flag}".strip()

    def _digests(self) -> Iterator[list[str]]:
        row = self.reading.row
        yield ["Evidence", row.evidence_digest]
        yield ["Rule set", row.rule_set_digest]
        yield ["Engine", row.engine_version]
        yield from (["Shown and signed", event.row.shown_digest] for event in self.events[:1])
        yield from ([f"Signature: {event.meaning.lower()}", event.row.digest] for event in self.events)


def packet_of(trial: StimulationTrial, decision: Decision, *, payer: str, at: datetime) -> Packet | None:
    """What was signed, under the rule of ``payer``; None for a rule that the evidence was not judged with."""
    signed = decision.assessment
    rows = Assessment.objects.filter(
        trial=trial, evidence=signed.evidence_id, engine_version=signed.engine_version, rule_set_id=payer
    )
    row = signed if payer == signed.rule_set_id else rows.order_by("-id").first()
    if row is None:
        return None
    events = [event for event in signed_of(trial) if event.row.decision_id == decision.pk]
    evidence: Any = parse_document(events[0].row.document.encode())["evidence"]
    rules = selectors.rules_by_digest(read_rulebook([trial.clinic_id]))
    reading = read_assessment(row, rules=rules, protocol=evidence["protocol"])
    changed = changed_since(decision, trial=trial, at=at)
    chart = _chart(trial, evidence, reading, at=at)
    return Packet(trial, decision, reading, evidence, events, chart, changed)


def payers_of(trial: StimulationTrial, decision: Decision) -> list[tuple[str, list[tuple[str, str]]]]:
    """The rules that the signed evidence was judged with, each by title and holder: own, payers, studies."""
    signed = decision.assessment
    rows = Assessment.objects.filter(evidence=signed.evidence_id, engine_version=signed.engine_version)
    rules = selectors.rules_by_digest(read_rulebook([trial.clinic_id]))
    found = {row.rule_set_id: rules.get(row.rule_set_digest) for row in rows.order_by("id")}
    own = found.pop(signed.rule_set_id, None)
    groups: dict[str, list[tuple[str, str]]] = {OWN: [(signed.rule_set_id, _named(own, signed.rule_set_id))]}
    for rule_id, rule in sorted(found.items()):
        is_study = rule is not None and rule.setting is not Setting.ROUTINE
        groups.setdefault(STUDIES if is_study else PAYERS, []).append((rule_id, _named(rule, rule_id)))
    return [(group, groups[group]) for group in (OWN, PAYERS, STUDIES) if group in groups]


def _named(rule: RuleSet | None, rule_id: str) -> str:
    """Two payers may give their rule one title."""
    return f"{rule.title} ({rule.holder})" if rule else rule_id


def _chart(trial: StimulationTrial, evidence: dict[str, Any], reading: Reading, *, at: datetime) -> Chart:
    """Of the entries that were signed, whatever has come since."""
    sources = [entry["source"] for entry in evidence["entries"]]
    entries = list(DiaryEntry.objects.filter(pk__in=sources).order_by("diary_day", "captured_at", "id"))
    events = events_of(
        trial, programs=trial.programs.all(), adverse_events=trial.adverse_events.all(), with_words=False
    )
    return chart_of(trial, entries=entries, reading=reading, events=events, today=at.date())


def _signatures(events: Sequence[Event]) -> Iterator[list[str]]:
    for event in events:
        row = event.row
        utc = f"{row.signed_at:%d %b %Y %H:%M:%S}"
        yield [f"{event.meaning}: {event.says}", f"{row.name}, {row.role}", utc, event.local]


def _referral(trial: StimulationTrial) -> str:
    by = trial.referred_by or "not recorded"
    return f"{by}, {trial.referred_on}" if trial.referred_on else by


def target_of(trial: StimulationTrial, *, at: datetime) -> list[str]:
    """The target, the regions marked on the body map, and where the two differ, as known at ``at``."""
    marked = marked_regions(trial.patient, at=at)
    said = region_words(marked) or "none"
    return [trial.target_words, said, target_notes(trial, marked=marked)]


def _diagnoses(trial: StimulationTrial, *, at: datetime) -> Iterator[list[str]]:
    for row in standing(Diagnosis, trial.patient, at=at):
        yield [row.code, row.get_body_region_display(), str(row.diagnosed_on or "")]


def _authorisations(trial: StimulationTrial, *, at: datetime) -> Iterator[list[str]]:
    for row in standing(PriorAuthorisation, trial.patient, at=at):
        yield [row.number, row.payer, str(row.granted_on or ""), str(row.expires_on)]


def _therapies(trial: StimulationTrial, *, at: datetime) -> Iterator[list[str]]:
    """As the record stood at the signature."""
    on = trial.lead_placed_on or trial.diary_from
    for row in standing(ConservativeTherapy, trial.patient, at=at):
        line = therapy_line(row, on=on, sees_notes=False)
        span = f"{row.started_on or 'never begun'}" + (f" to {row.ended_on}" if row.ended_on else "")
        span += ", goes on" if row.started_on and line.goes_on else ""
        name = f"{row.get_kind_display()}: {row.agent}" if row.agent else row.get_kind_display()
        yield [name, span, "; ".join(line.given), line.adequacy_words, line.failure_words]


def psychology_of(trial: StimulationTrial, *, at: datetime) -> str:
    """As the review that counts has it: the newest from before the leads went in, and known at ``at``."""
    rows = EligibilityReview.objects.filter(patient=trial.patient, recorded_at__lte=at).order_by("-id")
    placed = trial.lead_placed_on
    review = next((row for row in rows if placed is None or row.reviewed_on <= placed), None)
    found = dict(review_lines(review)) if review and not review.is_void else {}
    told = (words for label, words in found.items() if label.lower().startswith("psych"))
    return next(told, "No psychological evaluation is recorded.")


def _diary(evidence: dict[str, Any]) -> Iterator[list[str]]:
    """The evidence names only who answered in the patient's place; the record also tells of files."""
    sources = [entry["source"] for entry in evidence["entries"]]
    kept = DiaryEntry.objects.filter(pk__in=sources).values_list("pk", "originator")
    by = {str(pk): BY_WHOM[originator] for pk, originator in kept}
    for entry in evidence["entries"]:
        score = _as_given(Fraction(entry["value"]))
        place = [entry["day"], entry["phase"], entry["region"], entry["kind"]]
        yield [*place, score, by.get(entry["source"], "not known"), entry["source"]]


def _as_given(value: Fraction) -> str:
    """A whole number has no decimals that nobody gave."""
    return str(value.numerator) if value.denominator == 1 else display_mean(value)


@cache
def _template() -> bytes:
    return files("apps.workspace").joinpath("templates", "workspace", "packet.typ").read_bytes()
