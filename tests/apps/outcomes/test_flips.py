"""Which corrections changed the verdict under the trial's own rule set, told from what was stored."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Clinic
from apps.audit.reasons import Why
from apps.audit.reviewing import Period
from apps.diary.models import DiaryEntry
from apps.diary.revising import correct_answer, restore, strike_out
from apps.diary.staff_acts import Act
from apps.outcomes.flips import Flip, Pair, Revision, evidence_around, flips
from apps.outcomes.models import Assessment
from apps.outcomes.services import assess
from apps.trials.models import StimulationTrial
from tests.factories import make_entries, make_patient, make_trial

WHY = Why("mistyped", "touched 9 for 3")
START = datetime(2026, 10, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(hours: float) -> datetime:
    return START + hours * HOUR


def act(hours: float) -> Act:
    return Act("staff:7", at(hours))


def period(clinic: Clinic, first: float = 0, last: float = 1000) -> Period:
    return Period(clinic.pk, ZoneInfo("UTC"), at(first), at(last))


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    """Baseline 8, 8 and trial 4, 4: exactly 50 % less, which reaches the rule; judged an hour before."""
    made = make_trial(
        clinic=clinic,
        patient=make_patient(clinic=clinic, zone="UTC"),
        diary_from="2026-10-01",
        lead_placed_on="2026-10-03",
        trial_window="whole-phase",
        baseline_window="whole-phase",
        rule_set_id="IMMPACT_50",
    )
    scores = {"2026-10-01": 8, "2026-10-02": 8, "2026-10-03": 4, "2026-10-04": 4}
    make_entries(made, scores)
    assess(made.pk, at=at(-1))
    return StimulationTrial.objects.get(pk=made.pk)


def last_entry(trial: StimulationTrial) -> DiaryEntry:
    return DiaryEntry.objects.filter(trial=trial, superseded_by=None).latest("diary_day")


def told(clinic: Clinic, **within: float) -> list[tuple[str, str]]:
    return [(flip.before, flip.after) for flip in flips(period(clinic, **within))]


def test_a_correction_that_changes_the_verdict_is_listed_with_both(
    clinic: Clinic, trial: StimulationTrial
) -> None:
    correct_answer(last_entry(trial), 9, why=WHY, act=act(0))
    assess(trial.pk, at=at(0.5))

    (flip,) = flips(period(clinic))

    assert flip == Flip(
        at=at(0),
        who="staff:7",
        what="Average pain, target, 4 Oct 2026",
        trial=trial.pk,
        pseudonym=str(trial.patient),
        before="Met",
        after="Not met",
    )


def test_one_that_leaves_the_verdict_is_not(clinic: Clinic, trial: StimulationTrial) -> None:
    correct_answer(last_entry(trial), 3, why=WHY, act=act(0))
    assess(trial.pk, at=at(0.5))

    assert flips(period(clinic)) == []


def test_one_whose_verdict_has_not_come_is_listed_as_not_known(
    clinic: Clinic, trial: StimulationTrial
) -> None:
    correct_answer(last_entry(trial), 9, why=WHY, act=act(0))

    (flip,) = flips(period(clinic))

    assert (flip.before, flip.after, flip.is_known) == ("", "", False)


def test_there_and_back_are_told_although_evidence_is_kept_once(
    clinic: Clinic, trial: StimulationTrial
) -> None:
    new = correct_answer(last_entry(trial), 9, why=WHY, act=act(0))
    assess(trial.pk, at=at(1))
    for hour, do in ((2, strike_out), (4, restore), (6, strike_out), (8, restore)):
        do(new, why=WHY, act=act(hour))
        assess(trial.pk, at=at(hour + 1))

    # Without the correction one evening is left, 4 of 8, which reaches the rule again.
    assert Assessment.objects.filter(rule_set_id=trial.rule_set_id).count() == 3
    assert told(clinic) == [
        ("Met", "Not met"),
        ("Not met", "Met"),
        ("Met", "Not met"),
        ("Not met", "Met"),
        ("Met", "Not met"),
    ]


def test_of_two_acts_before_one_verdict_neither_is_guessed(clinic: Clinic, trial: StimulationTrial) -> None:
    entry, other = DiaryEntry.objects.filter(trial=trial).order_by("-diary_day")[:2]
    correct_answer(entry, 9, why=WHY, act=act(0))
    correct_answer(other, 9, why=WHY, act=act(0.1))
    assess(trial.pk, at=at(1))

    assert told(clinic) == [("", ""), ("", "")]


def test_the_period_is_that_of_the_act_and_what_lies_outside_still_tells(
    clinic: Clinic, trial: StimulationTrial
) -> None:
    new = correct_answer(last_entry(trial), 9, why=WHY, act=act(0))
    assess(trial.pk, at=at(1))
    strike_out(new, why=WHY, act=act(30))
    assess(trial.pk, at=at(31))

    assert told(clinic, first=24, last=48) == [("Not met", "Met")]


def test_a_verdict_of_another_engine_is_not_held_against_it(clinic: Clinic, trial: StimulationTrial) -> None:
    correct_answer(last_entry(trial), 9, why=WHY, act=act(0))
    (newest, *_) = assess(trial.pk, at=at(0.5))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE outcomes_assessment SET engine_version = '0' WHERE evidence_id = %s", [newest.evidence_id]
        )
        cursor.execute("SET LOCAL session_replication_role = origin")

    assert told(clinic) == [("", "")]


def test_another_clinic_sees_nothing_of_it(
    clinic: Clinic, other_clinic: Clinic, trial: StimulationTrial
) -> None:
    correct_answer(last_entry(trial), 9, why=WHY, act=act(0))
    assess(trial.pk, at=at(0.5))

    assert len(flips(period(clinic))) == 1
    assert flips(period(other_clinic)) == []


def test_more_trials_and_acts_cost_no_statement_more(clinic: Clinic, trial: StimulationTrial) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            flips(period(clinic))
        return len(asked)

    correct_answer(last_entry(trial), 9, why=WHY, act=act(0))
    few = cost()
    other = make_trial(
        clinic=clinic, patient=make_patient(clinic=clinic, zone="UTC"), diary_from="2026-10-01"
    )
    for n, entry in enumerate(make_entries(other, {f"2026-10-0{day}": 8 for day in range(1, 5)})):
        correct_answer(entry, 2, why=WHY, act=act(n))

    assert cost() == few


def revisions(*hours: float, back: tuple[int, ...] = ()) -> list[Revision]:
    """Acts at these hours; those named in ``back`` take back the one before them."""
    made: list[Revision] = []
    for n, hour in enumerate(hours):
        old, new = (made[-1].new, made[-1].old) if n in back else (f"{n}", f"{n} corrected")
        row = made[-1].row if n in back else f"row {n}"
        made.append(Revision(at(hour), "staff:7", "", uuid4(), row, old, new))
    return made


@pytest.mark.parametrize(
    ("case", "acts", "frozen", "stands", "expected"),
    [
        ("judged before and after", revisions(1), {0: 10, 2: 11}, 11, [(10, 11)]),
        ("never judged before", revisions(1), {2: 11}, 11, [(None, 11)]),
        ("not judged since", revisions(1), {0: 10}, None, [(10, None)]),
        ("nothing a verdict looks at", revisions(1), {0: 10}, 10, [(10, 10)]),
        ("the last evidence before, the first after", revisions(5), {0: 1, 4: 2, 6: 3, 8: 4}, 4, [(2, 3)]),
        ("taken back", revisions(1, 3, back=(1,)), {0: 10, 2: 11}, 10, [(10, 11), (11, 10)]),
        ("taken back, then another", revisions(1, 3, 5, back=(1,)), {0: 10, 2: 11, 6: 12}, 12,
         [(10, 11), (11, 10), (10, 12)]),
        ("taken back after an answer came", revisions(1, 4, 6, back=(1,)), {0: 10, 2: 11, 3: 12}, 9,
         [(10, 11), (12, None), (None, 9)]),
        ("two before one verdict", revisions(1, 2), {0: 10, 3: 11}, 11, [(10, None), (None, 11)]),
    ],
)  # fmt: skip
def test_which_evidence_stood_is_told_where_it_is_known(
    case: str, acts: list[Revision], frozen: dict[float, int], stands: int | None, expected: list[Pair]
) -> None:
    seen = [(at(hour), pk) for hour, pk in frozen.items()]

    assert evidence_around(acts, seen, stands=stands) == expected, case
