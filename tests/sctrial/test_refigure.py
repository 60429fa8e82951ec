"""Evidence opened up and read again: by its own protocol it gives exactly the figures of the verdict."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from sctrial.criteria import rule_set
from sctrial.evidence import Evidence
from sctrial.phases import DiaryPhase
from sctrial.refigure import Diary, OpenTrial, impute, read_sides
from sctrial.scales import TARGET, ScoreKind
from sctrial.verdict import figures_of, judge
from sctrial.windows import Several, parse_window
from tests.sctrial.diaries import LEADS_PLACED, evidence_of, protocol

#: A busy machine is no reason to fail: nothing here is about time.
unhurried = settings(deadline=None)

F = Fraction
NORTH = rule_set("NORTH_PP")
PAIR = (TARGET, ScoreKind.AVERAGE)

diaries = st.lists(st.sampled_from(["-", "0", "3", "7", "10", "2,9"]), max_size=9).map(" ".join)
WINDOWS = ["last-n-days:3", "last-n-days:7", "exclude-first-n-days:2", "whole-phase"]
protocols = st.builds(
    protocol,
    baseline=st.sampled_from(WINDOWS),
    trial=st.sampled_from(WINDOWS),
    several=st.sampled_from(Several),
)
evidences = st.builds(
    lambda baseline, trial, under: evidence_of(baseline, trial, under=under), diaries, diaries, protocols
)


@unhurried
@given(evidences)
def test_read_by_its_own_protocol_evidence_gives_the_figures_of_the_verdict(evidence: Evidence) -> None:
    sides = read_sides(evidence, pair=PAIR, several=evidence.protocol.several)
    trial = OpenTrial.of(evidence, rule_set=NORTH)

    assert trial.figured((PAIR, None), sides) == figures_of(evidence, pairs=[PAIR]).by_pair[PAIR]
    assert trial.judged(trial.observed) == judge(evidence, rule_set=NORTH)


@unhurried
@given(evidences)
def test_the_days_are_those_that_the_windows_hold(evidence: Evidence) -> None:
    trial = OpenTrial.of(evidence, rule_set=NORTH)

    by_phase = [phase for phase, _ in trial.days()]
    assert by_phase.count(DiaryPhase.BASELINE) == trial.target.baseline.days
    assert by_phase.count(DiaryPhase.TRIAL) == trial.target.trial.days


def test_a_day_left_out_is_missing_and_the_window_does_not_slide() -> None:
    diary = Diary({LEADS_PLACED + timedelta(days=n): F(n) for n in range(4)}, LEADS_PLACED, date(2026, 3, 13))
    window = parse_window("last-n-days:2")

    without = diary.without(date(2026, 3, 13)).figures(window)

    assert (without.days, without.total) == (1, F(2))
    assert without.missing_dates == (date(2026, 3, 13),)


SEEN = Diary(
    {LEADS_PLACED: F(2), LEADS_PLACED + timedelta(days=1): F(4)},
    LEADS_PLACED,
    LEADS_PLACED + timedelta(days=3),
)
NOTHING = Diary({}, LEADS_PLACED, LEADS_PLACED + timedelta(days=3))


def test_filled_days_move_the_mean_and_never_the_number_of_days() -> None:
    observed = SEEN.figures(parse_window("whole-phase"))

    filled = impute(observed, mean=F(5), asks_days=False)

    assert filled.mean == 5
    assert (filled.days, filled.missing_days) == (observed.days, observed.missing_days) == (2, 2)
    assert impute(observed, mean=None, asks_days=False) == observed


def test_where_nothing_was_reported_filled_days_stand_for_the_mean_unless_days_are_asked_for() -> None:
    observed = NOTHING.figures(parse_window("whole-phase"))

    filled = impute(observed, mean=F(5), asks_days=False)
    assert (filled.mean, filled.days, filled.missing_days) == (F(5), 4, 0)
    assert impute(observed, mean=F(5), asks_days=True).mean is None


def test_a_phase_without_a_diary_holds_nothing() -> None:
    assert Diary({}, None, None).within(parse_window("whole-phase")) == {}
