"""The table of instruments: codes, ranges, licences, sources, and what an answer may be."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.instruments import (
    INSTRUMENTS,
    SCORES,
    BadAnswer,
    Better,
    Instrument,
    Licence,
    NotScoredHere,
    OffScore,
    Score,
    UnknownInstrument,
    UnknownScore,
    check_total,
    instrument_named,
    score_answers,
    score_named,
)
from sctrial.seal import canonical_json
from sctrial.sources import Mark

F = Fraction
SCORED = [one for one in INSTRUMENTS.values() if one.licence is not Licence.TOTAL_ONLY and one.items]


def test_the_scores_of_all_instruments_have_codes_of_their_own() -> None:
    assert len(SCORES) == sum(len(one.scores) for one in INSTRUMENTS.values())


# fmt: off
LICENCES = {
    "G": {"nrs", "vas", "stated_relief", "sleep_nrs", "global_change", "phq_9", "phq_2", "gad_7",
          "goudman_composite"},
    "A": {"bpi_sf", "peg", "dn4", "s_lanss", "odi", "rmdq", "pcs", "eq_5d_5l", "promis_global_10",
          "promis_pain_interference_4a", "promis_physical_function"},
    "R": {"pain_detect", "hads", "psqi"},
}
# fmt: on


def test_each_instrument_is_in_its_licence_class() -> None:
    found = {
        licence.value: {one.code for one in INSTRUMENTS.values() if one.licence is licence}
        for licence in Licence
    }

    assert found == LICENCES
    assert all(licence.meaning for licence in Licence)


@pytest.mark.parametrize("instrument", INSTRUMENTS.values(), ids=INSTRUMENTS)
def test_each_names_its_holder_its_sources_and_its_rule_for_missing_items(instrument: Instrument) -> None:
    assert instrument.holder
    assert instrument.sources
    assert instrument.missing.text
    assert len(set(instrument.items)) == len(instrument.items)


@pytest.mark.parametrize("instrument", INSTRUMENTS.values(), ids=INSTRUMENTS)
def test_nobody_s_item_text_is_here_only_codes(instrument: Instrument) -> None:
    assert all(item.replace("_", "").isalnum() and " " not in item for item in instrument.items)


@pytest.mark.parametrize("instrument", SCORED, ids=lambda one: one.code)
def test_the_worst_and_best_answers_give_the_ends_of_the_range(instrument: Instrument) -> None:
    totals: dict[str, set[F]] = {}
    for pick in (0, 1):
        answers = {item: instrument.ends_of(item)[pick] for item in instrument.items}
        for code, value in score_answers(answers, instrument=instrument.code).scores.items():
            assert value is not None
            totals.setdefault(code, set()).add(score_named(code).require(value))

    for code, found in totals.items():
        score = score_named(code)
        # Where items are reversed the plain ends mix, and only lie inside.
        reversed_items = score.rule is not None and score.rule.recode
        assert reversed_items or found == {score.minimum, score.maximum}


@given(st.data())
def test_every_set_of_answers_gives_scores_in_range_or_a_reason(data: st.DataObject) -> None:
    instrument = data.draw(st.sampled_from(SCORED))
    answers = {
        item: data.draw(st.none() | st.integers(*instrument.ends_of(item))) for item in instrument.items
    }

    scored = score_answers(answers, instrument=instrument.code)

    assert scored.answered == sum(answer is not None for answer in answers.values())
    for code, value in scored.scores.items():
        assert (value is None) is (code in scored.reasons)
        assert value is None or score_named(code).require(value) == value
    assert canonical_json(scored.canonical())


# fmt: off
BAD_ANSWERS = [
    ("nrs",    {"nrs": 11},            "nrs: 11 is not an answer; write a whole number from 0 to 10"),
    ("nrs",    {"nrs": -1},            "nrs: -1 is not an answer"),
    ("nrs",    {"nrs": True},          "nrs: True is not an answer"),
    ("nrs",    {"nrs": "7"},           "nrs: '7' is not an answer"),
    ("nrs",    {"nrs": 7.0},           "nrs: 7.0 is not an answer"),
    ("nrs",    {"nrs": (6, 7)},        r"nrs: \(6, 7\) is not an answer"),
    ("nrs",    {"vas": 7},             "nrs has no item 'vas'; its items are: nrs"),
    ("odi",    {"section_1": (2, 6)},  "section_1: 6 is not an answer; write a whole number from 0 to 5"),
    ("odi",    {"section_1": ()},      "section_1: no box is marked; leave the item out"),
    ("eq_5d_5l", {"eq_vas": 101},      "eq_vas: 101 is not an answer; write a whole number from 0 to 100"),
    ("promis_global_10", {"global07": 11}, "global07: 11 is not an answer; write a whole number from 0 to"),
]
# fmt: on


@pytest.mark.parametrize(("instrument", "answers", "message"), BAD_ANSWERS)
def test_an_answer_the_instrument_does_not_have_is_refused(
    instrument: str, answers: dict[str, object], message: str
) -> None:
    with pytest.raises(BadAnswer, match=message):
        score_answers(answers, instrument=instrument)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", LICENCES["R"])
def test_a_class_r_instrument_is_never_scored_here(code: str) -> None:
    with pytest.raises(NotScoredHere, match=f"{code} is scored by its licence holder's key; store its total"):
        score_answers({}, instrument=code)


# fmt: off
TOTALS = [
    ("hads_anxiety", F(21),       True),
    ("hads_anxiety", F(22),       False),
    ("hads_anxiety", F(21, 2),    False),
    ("pain_detect",  F(-1),       True),
    ("pain_detect",  F(38),       True),
    ("pain_detect",  F(39),       False),
    ("psqi",         F(22),       False),
    ("eq_5d_5l_index", F(-148, 1000), True),
    ("eq_5d_5l_index", F(1001, 1000), False),
    ("odi",          F(320, 9),   True),
]
# fmt: on


@pytest.mark.parametrize(("score", "value", "fits"), TOTALS)
def test_a_stored_total_must_be_one_that_the_score_can_have(score: str, value: F, fits: bool) -> None:
    if fits:
        assert check_total(value, score=score) == value
        return
    with pytest.raises(OffScore, match=score):
        check_total(value, score=score)


def test_unknown_codes_are_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownInstrument, match=r"'mood' is not an instrument; known are: nrs"):
        instrument_named("mood")
    with pytest.raises(UnknownScore, match=r"'mood' is not a score; known are: nrs"):
        score_named("mood")


@pytest.mark.parametrize("score", SCORES.values(), ids=SCORES)
def test_an_improvement_is_positive_in_the_better_direction(score: Score) -> None:
    better = F(1) if score.better is Better.HIGHER else F(-1)

    assert score.improvement(F(10), F(10) + better) == 1
    assert score.improvement(F(10), F(10) - better) == -1


def test_what_was_not_confirmed_is_marked_so() -> None:
    """A change that matters which no source here confirms stays K until somebody has read the source."""
    unconfirmed = {
        code
        for code, score in SCORES.items()
        if score.smallest_change is not None and score.smallest_change.source.mark is Mark.KNOWN
    }

    assert unconfirmed == {
        "sleep_nrs", "phq_9", "gad_7", "hads_anxiety", "hads_depression", "eq_5d_5l_index", "psqi",
    }  # fmt: skip


def test_the_methods_page_names_every_score() -> None:
    page = (Path(__file__).parents[2] / "docs" / "methods" / "instruments.md").read_text(encoding="utf-8")
    # A raw sum and its T-score share a row, where the latter is written with dots.
    named = {code for code in SCORES if f"`{code}`" in page}

    assert {code for code in set(SCORES) - named if not code.endswith("_t")} == set()
