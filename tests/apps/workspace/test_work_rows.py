"""What a row of each list says, column by column; and that nothing a person wrote becomes markup."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from apps.accounts.models import Clinic
from apps.outcomes.services import assess
from apps.patients.models import PatientIdentity
from apps.trials.models import StimulationTrial
from apps.trials.rules import read_rulebook
from apps.trials.services import touch_evidence
from apps.workspace.work_rows import COLUMNS, Line, Row, headings_of, lines_of
from apps.workspace.worklist import KINDS, readings_of
from sctrial.choices import Choice
from sctrial.phases import Phase
from tests.apps.workspace.test_work import at_phase, day, decided, find, followed, make_outdated, running
from tests.factories import NOW, make_entries, make_trial
from tests.factories.deciding import make_waiting

Make = Callable[[Clinic], StimulationTrial]
BOLD = "<b>Berta</b>"
EVENINGS = "2 more evenings needed by Tuesday 13 October | "
SO_FAR = "not assessed yet | "


def lines_in(clinic: Clinic, code: str, *, may_name: bool = False) -> list[Line]:
    listed = find(clinic)[code].rows
    readings = readings_of([one.trial for one in listed], rulebook=read_rulebook())
    return list(lines_of(code, [Row(one, readings.get(one.trial.pk), may_name) for one in listed]))


def words_in(markup: str) -> list[str]:
    """What stands in each cell, without the heading that a narrow screen repeats."""
    cells = re.findall(r'<td role="cell"[^>]*>(.*?)</td>', markup)
    plain = (re.sub(r'<span class="stack-label">.*?</span>', "", cell) for cell in cells)
    return [re.sub("<[^>]+>", "", cell).strip() for cell in plain]


def silent(clinic: Clinic) -> StimulationTrial:
    """The leads have been in since Wednesday 7 October; the last entry is of the 10th. Today is the 12th."""
    trial = running(clinic, planned_end_on=day(4))
    make_entries(trial, {str(day(-2)): 3})
    return trial


def never_reported(clinic: Clinic) -> StimulationTrial:
    return running(clinic, planned_end_on=None)


def before_the_leads(clinic: Clinic) -> StimulationTrial:
    return make_trial(clinic=clinic, phase=Phase.BASELINE_DIARY.value, lead_placed_on=None)


def ending(clinic: Clinic) -> StimulationTrial:
    """Its window is the last three days, of which the first was answered."""
    trial = running(clinic, planned_end_on=day(1), trial_window="last-n-days:3")
    make_entries(trial, {str(day(-1)): 3})
    return trial


def over(clinic: Clinic) -> StimulationTrial:
    return at_phase(clinic, Phase.ENDED)


def deferred(clinic: Clinic) -> StimulationTrial:
    return decided(clinic, Choice.DEFER)


def implanted(clinic: Clinic) -> StimulationTrial:
    """62 days ago, on 11 August; the first visit was due a month later."""
    return followed(clinic, months_ago=2)


def referred(clinic: Clinic) -> StimulationTrial:
    return at_phase(clinic, Phase.REFERRED)


# fmt: off
ROWS: list[tuple[str, Make, str]] = [
    # list        the trial         what its cells say
    ("ready",     make_waiting,     "Met | 62.50 % asked ≥ 50 % | 3 of 3 | 12 Oct 2026"),
    ("silent",    silent,           "Sat 10 Oct | 2 days"),
    ("silent",    never_reported,   "none since 30 Sep | 12 days"),
    ("running",   silent,           "Trial active day 6 with the leads | " + SO_FAR + "16 Oct 2026"),
    ("running",   never_reported,   "Trial active day 6 with the leads | " + SO_FAR + "–"),
    ("unpaired",  before_the_leads, "Baseline diary | " + SO_FAR + "15 Oct 2026"),
    ("ending",    ending,           EVENINGS + SO_FAR + "13 Oct 2026"),
    ("hand_over", over,             "Relief was enough | 12 Oct 2026"),
    ("deferred",  deferred,         "Defer the decision | 12 Oct 2026"),
    ("due",       implanted,        "11 Sep 2026 | 11 Aug 2026"),
    ("before",    referred,         "Referred | 1 Oct 2026"),
]
# fmt: on


@pytest.mark.parametrize(("code", "make", "expected"), ROWS)
def test_a_row_says_what_its_list_is_about(clinic: Clinic, code: str, make: Make, expected: str) -> None:
    make(clinic)

    (line,) = lines_in(clinic, code)

    assert " | ".join(words_in(line.cells)) == expected


def test_a_decision_that_would_now_differ_stands_beside_the_verdict_of_now(clinic: Clinic) -> None:
    trial = make_outdated(clinic)
    (line,) = lines_in(clinic, "differs")

    own = trial.assessments.filter(rule_set_id=trial.rule_set_id).latest("id")
    assert words_in(line.cells)[0] == own.get_answer_display()
    assert len(words_in(line.cells)) == len(headings_of("differs"))


def test_every_list_has_its_columns() -> None:
    assert set(COLUMNS) == {kind.code for kind in KINDS}
    assert all(headings_of(kind.code) for kind in KINDS)


def test_a_verdict_that_is_not_of_the_record_as_it_is_says_since_when(clinic: Clinic) -> None:
    trial = silent(clinic)
    assess(trial.pk, at=NOW)
    (fresh,) = lines_in(clinic, "running")
    touch_evidence(trial.pk)

    (stale,) = lines_in(clinic, "running")

    assert "verdict not current since" not in fresh.cells
    assert "verdict not current since 12 Oct 18:00 UTC" in stale.cells


def test_what_a_person_wrote_is_no_markup(clinic: Clinic) -> None:
    trial = running(clinic, target_area="<i>back</i>")
    PatientIdentity.objects.create(patient=trial.patient, full_name=BOLD, phone='"><b>1')

    (line,) = lines_in(clinic, "silent", may_name=True)

    assert "<b>" not in line.contact
    assert "&lt;b&gt;Berta&lt;/b&gt;" in line.contact
    assert line.about == "SCS <i>back</i>", "escaped by the template, as a text that is no markup"


def test_a_long_target_is_cut_and_a_short_one_is_not(clinic: Clinic) -> None:
    running(clinic, target_area="a" * 49)
    running(clinic, target_area="b" * 48)

    abouts = {line.about for line in lines_in(clinic, "running")}

    assert abouts == {"SCS " + "a" * 47 + "…", "SCS " + "b" * 48}


NUMBER: dict[str, Any] = {"full_name": "Berta", "phone": "01632 960 111"}
NO_NUMBER: dict[str, Any] = {"full_name": "Berta"}
ERASED: dict[str, Any] = {
    "trail_key": None,
    "erased_at": NOW,
    "erased_by": "staff:1",
    "erased_because": "asked",
}

# fmt: off
CONTACTS: list[tuple[dict[str, Any] | None, str]] = [
    # written down   what the row says
    (NUMBER,         'Berta <a href="tel:01632960111">01632 960 111</a>'),
    (NO_NUMBER,      'Berta <a href="{patient}">no phone number yet</a>'),
    (ERASED,         "Identity erased on 12 Oct 2026"),
    (None,           '<a href="{patient}">no name or number yet</a>'),
]
# fmt: on


@pytest.mark.parametrize(("identity", "expected"), CONTACTS)
def test_the_silent_are_rung_or_their_number_is_asked_for(
    clinic: Clinic, identity: dict[str, Any] | None, expected: str
) -> None:
    patient = running(clinic).patient
    if identity is not None:
        PatientIdentity.objects.create(patient=patient, **identity)

    (line,) = lines_in(clinic, "silent", may_name=True)

    assert line.contact.strip() == expected.format(patient=f"/staff/patients/patient/{patient.pk}/change/")


def test_who_may_name_nobody_is_given_no_contact(clinic: Clinic) -> None:
    PatientIdentity.objects.create(patient=running(clinic).patient, full_name="Berta", phone="1")

    assert [line.contact for line in lines_in(clinic, "silent")] == [""]
