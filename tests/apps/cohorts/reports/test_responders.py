"""Who counts as relieved, of whom, and who is in no share."""

from dataclasses import replace
from fractions import Fraction

from apps.cohorts.reports.crowd import NOT_EVALUABLE, TECHNICAL, WITHDRAWN, Crowd
from apps.cohorts.reports.effect import curve
from apps.cohorts.reports.figure import HIDDEN, Figure, counted
from apps.cohorts.reports.responders import responders, responders_of_table
from sctrial.cohort import Denominator, Outcome, summarise_responders
from sctrial.kleene import Answer

F = Fraction


def outcome(n: int, after: int | None, answer: Answer = Answer.MET, before: int = 10) -> Outcome:
    return Outcome(str(n), answer, F(before), None if after is None else F(after))


def at_50(figure: Figure) -> list[tuple[object, ...]]:
    return [row[2:5] for row in figure.rows if row[1] == "50 %"]


#: Six met with 60 percent, two did not with 20; one met by its analgesics, with a zero baseline.
JUDGED = [
    *(outcome(n, 4) for n in range(6)),
    *(outcome(6 + n, 8, Answer.NOT_MET) for n in range(2)),
    outcome(8, 1, before=0),
]
LEFT_OUT = {"still running": 3, WITHDRAWN: 1, TECHNICAL: 2, NOT_EVALUABLE: 4}


def test_a_rate_stands_under_three_denominators_and_no_running_trial_is_in_any() -> None:
    figure = responders(Crowd({"All trials": JUDGED}, LEFT_OUT), shared=False)

    assert at_50(figure) == [
        (6, 8, 100 * 6 / 8),
        (6, 8 + 2, 100 * 6 / 10),
        (6, 8 + 2 + 1 + 4 + 1, 100 * 6 / 16),
    ]
    assert figure.n == 8
    assert counted(8, figure.missing) == (
        "3 still running, 1 withdrawn before the end, 2 technical failures, "
        "4 not evaluable under their rule, 1 with a zero baseline"
    )


def test_who_met_the_rule_is_told_beside_who_had_so_much_relief() -> None:
    figure = responders(Crowd({"All trials": JUDGED}, LEFT_OUT), shared=False)
    rule = [row[2:4] for row in figure.rows if row[1] == "their rule"]

    # All of these are over: what the core makes of the same trials.
    unknown = [outcome(20 + n, 1, Answer.NOT_EVALUABLE) for n in range(4 + 1)]
    technical = [replace(outcome(30 + n, 1), technical_failure=True) for n in range(2)]
    of_core = summarise_responders([*JUDGED, *unknown, *technical]).rates
    assert rule == [(of_core[one].count.met, of_core[one].count.of) for one in Denominator]
    assert rule == [(7, 9), (7, 9 + 2), (7, 9 + 2 + 5)]


def test_what_is_shared_makes_each_denominator_of_the_counts_it_shows() -> None:
    some = [outcome(n, 4 if n < 12 else 8) for n in range(22)]
    many = responders(Crowd({"All trials": some}, {TECHNICAL: 8, NOT_EVALUABLE: 6}), shared=True)
    few = responders(Crowd({"All trials": some}, {TECHNICAL: 3, NOT_EVALUABLE: 6}), shared=True)

    # 12 of 22 as 10 of 20, then 8 as 10 more.
    assert at_50(many)[:2] == [(10, 20, 50.0), (10, 20 + 10, round(100 * 10 / 30, 1))]
    assert at_50(few)[1:] == [(HIDDEN, HIDDEN, HIDDEN)] * 2


def test_drop_outs_of_a_table_are_failures_and_the_figures_say_so() -> None:
    groups = {"A": [outcome(1, 2), outcome(2, 5)], "B": [outcome(3, 20), outcome(4, None)]}
    for lost_are_failures, n in ((True, 4), (False, 3)):
        crowd = Crowd(groups, units="people", sides="scores", lost_are_failures=lost_are_failures)
        for figure in (responders_of_table(crowd, shared=False), curve(crowd, shared=False)):
            assert figure.n == n
            assert ("drop-outs counted as failures" in figure.of) is lost_are_failures
            assert counted(n, figure.missing) == ("nobody" if lost_are_failures else "1 without both scores")
