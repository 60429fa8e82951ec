"""Worked examples of every instrument that is scored here, with where each comes from.

Answers are by item code only. S: the example or rule was seen in the named source; K: general knowledge; C:
worked here by hand from the rule.
"""

from fractions import Fraction

import pytest

from sctrial.instruments import Answers, compute_goudman_composite, score_answers, score_named

F = Fraction


def answered(prefix: str, values: str) -> dict[str, int | None]:
    """ "2 - 3" is 2 for the first item, none for the second, 3 for the third."""
    return {
        f"{prefix}_{number}": None if value == "-" else int(value)
        for number, value in enumerate(values.split(), start=1)
    }


def bpi(severity: str, interference: str) -> dict[str, int | None]:
    named = zip(("worst", "least", "average", "now"), severity.split(), strict=True)
    return {
        **{item: None if value == "-" else int(value) for item, value in named},
        **answered("interference", interference),
    }


def global_10(values: str) -> dict[str, int | None]:
    return {
        f"global{number:02d}": None if value == "-" else int(value)
        for number, value in enumerate(values.split(), start=1)
    }


def dn4(interview: str, examination: str) -> dict[str, int | None]:
    return {**answered("interview", interview), **answered("examination", examination)}


# fmt: off
SCORES: list[tuple[str, Answers, str, F | None, str | None]] = [
    # instrument  answers                                        score               value          band
    # ODI: 16 of 50 is 32 %, 16 of 45 with one section missing is 35.6 % [S: Mapi, scoring of ODI 2.1a].
    ("odi", answered("section", "2 2 2 2 2 2 2 2 0 0"), "odi", 100 * F(16, 50), "moderate"),
    ("odi", answered("section", "2 2 2 2 2 2 2 2 0 -"), "odi", 100 * F(16, 45), "moderate"),
    ("odi", answered("section", "2 2 2 2 2 2 2 2 - -"), "odi", 100 * F(16, 40), "moderate"),
    ("odi", answered("section", "2 2 2 2 2 2 2 - - -"), "odi", None,            None),
    ("odi", answered("section", "1 1 1 1 1 1 1 1 1 1"), "odi", F(20),           "minimal"),
    ("odi", answered("section", "5 5 5 5 5 5 5 5 5 5"), "odi", F(100),          "bed-bound"),
    # Two boxes ticked: the higher counts [S]. 5 + 0 * 9 of 50.
    ("odi", {**answered("section", "0 0 0 0 0 0 0 0 0 0"), "section_1": (2, 5)}, "odi", 100 * F(5, 50),
        "minimal"),
    # PHQ-9 and GAD-7: sums, cuts 5, 10, 15, 20 and 5, 10, 15 [S].
    ("phq_9", answered("phq", "1 1 1 1 1 1 1 1 1"), "phq_9", F(9),  "mild"),
    ("phq_9", answered("phq", "3 3 3 1 0 0 0 0 0"), "phq_9", F(10), "moderate"),
    ("phq_9", answered("phq", "3 3 3 3 3 3 3 3 3"), "phq_9", F(27), "severe"),
    ("phq_9", answered("phq", "3 3 3 3 3 3 3 3 -"), "phq_9", None,  None),
    ("phq_2", answered("phq", "1 2"), "phq_2", F(3), "positive screen"),
    ("phq_2", answered("phq", "1 1"), "phq_2", F(2), "below the cut"),
    ("gad_7", answered("gad", "3 3 3 3 3 0 0"), "gad_7", F(15), "severe"),
    ("gad_7", answered("gad", "1 1 1 1 0 0 0"), "gad_7", F(4),  "minimal"),
    # BPI: severity the mean of 4, interference the mean of 7 when at least 4 are answered [S: user guide].
    ("bpi_sf", bpi("8 4 6 7", "5 5 5 5 5 5 8"), "bpi_severity",     F(25, 4), None),
    ("bpi_sf", bpi("8 4 6 7", "5 5 5 5 5 5 8"), "bpi_interference", F(38, 7), None),
    ("bpi_sf", bpi("8 4 6 7", "5 6 7 8 - - -"), "bpi_interference", F(26, 4), None),
    ("bpi_sf", bpi("8 4 6 7", "5 6 7 - - - -"), "bpi_interference", None,     None),
    ("bpi_sf", bpi("8 4 6 -", "5 6 7 8 - - -"), "bpi_severity",     None,     None),
    # PEG: the mean of three [K].
    ("peg", {"pain": 6, "enjoyment": 7, "general_activity": 8}, "peg", F(21, 3), None),
    ("peg", {"pain": 6, "enjoyment": 7},                        "peg", None,     None),
    # RMDQ: the number of statements that apply, of 24 [K].
    ("rmdq", answered("statement", "1 1 1 1 1 1 1 1 1 1 1 1 " + "0 " * 12), "rmdq", F(12), None),
    ("rmdq", answered("statement", "1 " * 23),                              "rmdq", None,  None),
    # PCS: 13 items 0-4, three subscales by item [S: Rehabilitation Measures].
    ("pcs", answered("pcs", "1 1 1 1 1 2 2 3 3 3 3 1 2"), "pcs", F(6 + 6 + 12), "below the cut"),
    ("pcs", answered("pcs", "1 1 1 1 1 2 2 3 3 3 3 1 2"), "pcs_rumination",    F(3 * 4),      None),
    ("pcs", answered("pcs", "1 1 1 1 1 2 2 3 3 3 3 1 2"), "pcs_magnification", F(2 * 3),      None),
    ("pcs", answered("pcs", "1 1 1 1 1 2 2 3 3 3 3 1 2"), "pcs_helplessness",  F(1 * 6),      None),
    ("pcs", answered("pcs", "3 3 3 3 3 3 3 3 3 3 0 0 0"), "pcs", F(30), "clinically relevant"),
    # DN4: 4 of 10 with the examination, 3 of the 7 interview items [K].
    ("dn4", dn4("1 1 1 0 0 0 0", "1 0 0"), "dn4",           F(4), "neuropathic pain suggested"),
    ("dn4", dn4("1 1 1 0 0 0 0", "0 0 0"), "dn4",           F(3), "below the cut"),
    ("dn4", dn4("1 1 1 0 0 0 0", "- - -"), "dn4",           None, None),
    ("dn4", dn4("1 1 1 0 0 0 0", "- - -"), "dn4_interview", F(3), "neuropathic pain suggested"),
    # PROMIS global: physical 03 + 06 + 07 recoded + 08 reversed, mental 02 + 04 + 05 + 10 reversed
    # [S: Hays 2009; the recoding of pain K].   items 1 to 10: pain is the seventh.
    ("promis_global_10", global_10("3 3 3 3 3 3 5 3 3 3"), "promis_global_physical_raw", F(3 + 3 + 3 + 6 - 3),
        None),
    ("promis_global_10", global_10("5 5 5 5 5 5 0 1 5 1"), "promis_global_physical_raw", F(20), None),
    ("promis_global_10", global_10("5 5 5 5 5 5 0 1 5 1"), "promis_global_mental_raw", F(20), None),
    ("promis_global_10", global_10("1 1 1 1 1 1 10 5 1 5"), "promis_global_physical_raw", F(4), None),
    ("promis_global_10", global_10("1 1 1 1 1 1 10 5 1 5"), "promis_global_mental_raw", F(4), None),
    ("promis_global_10", global_10("3 3 - 3 3 3 5 3 3 3"), "promis_global_physical_raw", None, None),
    ("promis_global_10", global_10("3 3 - 3 3 3 5 3 3 3"), "promis_global_mental_raw", F(3 + 3 + 3 + 3),
        None),
    ("promis_pain_interference_4a", answered("interference", "5 4 3 2"), "promis_pain_interference_raw",
        F(5 + 4 + 3 + 2), None),
    ("eq_5d_5l", {"eq_vas": 70}, "eq_vas", F(70), None),
    ("nrs", {"nrs": 7}, "nrs", F(7), None),
    ("vas", {"vas": 74}, "vas", F(74), None),
    ("sleep_nrs", {"sleep_nrs": 0}, "sleep_nrs", F(0), None),
    ("stated_relief", {"stated_relief": -20}, "stated_relief", F(-20), None),
    ("global_change", {"global_change": 2}, "global_change", F(2), None),
]

PAIN_RECODED = {0: 5, 1: 4, 2: 4, 3: 4, 4: 3, 5: 3, 6: 3, 7: 2, 8: 2, 9: 2, 10: 1}
# fmt: on


@pytest.mark.parametrize(("instrument", "answers", "code", "value", "band"), SCORES)
def test_an_instrument_is_scored_as_published(
    instrument: str, answers: Answers, code: str, value: F | None, band: str | None
) -> None:
    scored = score_answers(answers, instrument=instrument)
    score = score_named(code)

    assert scored.scores[code] == value
    assert (code in scored.reasons) is (value is None)
    assert value is None or score.require(value) == value
    assert (score.bands.of(value) if score.bands and value is not None else None) == band


@pytest.mark.parametrize("pain", PAIN_RECODED)
def test_the_pain_item_of_promis_global_counts_five_to_one(pain: int) -> None:
    scored = score_answers(global_10(f"1 1 1 1 1 1 {pain} 5 1 5"), instrument="promis_global_10")

    assert scored.scores["promis_global_physical_raw"] == 1 + 1 + PAIN_RECODED[pain] + 1


def test_a_profile_is_the_string_of_the_five_levels() -> None:
    """Profile 21143: the example of the EuroQol description [S]."""
    levels = {
        "mobility": 2,
        "self_care": 1,
        "usual_activities": 1,
        "pain_discomfort": 4,
        "anxiety_depression": 3,
    }

    assert score_answers(levels, instrument="eq_5d_5l").profile == "21143"
    assert score_answers({**levels, "mobility": None}, instrument="eq_5d_5l").profile is None


def test_item_nine_of_the_phq_is_for_staff_whatever_the_total() -> None:
    quiet = score_answers(answered("phq", "3 3 3 3 3 3 3 3 0"), instrument="phq_9")
    alert = score_answers(answered("phq", "0 0 0 0 0 0 0 0 1"), instrument="phq_9")
    partly = score_answers({"phq_9": 1}, instrument="phq_9")

    assert quiet.alerts == ()
    assert [one.code for one in alert.alerts] == ["phq_9_item_9"]
    assert [one.code for one in partly.alerts] == ["phq_9_item_9"]
    assert partly.scores["phq_9"] is None


def test_the_goudman_composite_is_the_sum_of_three_parts() -> None:
    """Leg pain 80, ODI 60, EQ VAS 30: 80 + 60 + 70 = 210 of 300 [S: Goudman 2023; C]."""
    assert compute_goudman_composite(leg_pain=F(80), odi=F(60), eq_vas=F(30)) == 80 + 60 + (100 - 30)
    assert compute_goudman_composite(leg_pain=F(0), odi=F(0), eq_vas=F(100)) == 0
    assert compute_goudman_composite(leg_pain=F(100), odi=F(100), eq_vas=F(0)) == 300
    with pytest.raises(ValueError, match="leg_pain must be from 0 to 100"):
        compute_goudman_composite(leg_pain=F(101), odi=F(0), eq_vas=F(0))
