"""How sure a verdict is, on the days that the verdict rests on and under its own threshold."""

from fractions import Fraction

import pytest

from sctrial.assurance import USUAL_THRESHOLD, certainty_of, threshold_of
from sctrial.certainty import compute_certainty
from sctrial.criteria import rule_set
from sctrial.phases import DiaryPhase
from sctrial.scales import SCALES
from sctrial.verdict import judge
from sctrial.windows import compute_day_values
from tests.sctrial.diaries import evidence_of, protocol


@pytest.mark.parametrize(
    ("rule", "threshold"),
    [
        ("NORTH_PP", Fraction(50, 100)),
        ("IMMPACT_30", Fraction(30, 100)),
        # The source gives no number: the usual half, a default of this project.
        ("CMS_NCD_160_7", USUAL_THRESHOLD),
    ],
)
def test_the_probability_is_about_the_threshold_of_the_rule(rule: str, threshold: Fraction) -> None:
    assert threshold_of(rule_set(rule)) == threshold


def test_only_the_days_inside_the_windows_count() -> None:
    rule = rule_set("NORTH_PP")
    evidence = evidence_of("8 7 8 7 8 7 8", "9 9 4 4 3", under=protocol(trial="last-n-days:3"))
    found = certainty_of(evidence, verdict=judge(evidence, rule_set=rule), rule_set=rule)

    sides = {
        phase: compute_day_values(
            (entry for entry in evidence.entries if entry.phase is phase), several=evidence.protocol.several
        )
        for phase in DiaryPhase
    }
    trial = dict(list(sides[DiaryPhase.TRIAL].items())[-3:])
    expected = compute_certainty(
        sides[DiaryPhase.BASELINE],
        trial=trial,
        threshold=Fraction(1, 2),
        scale=SCALES[evidence.protocol.scale],
    )
    assert found == expected
    assert found.probability is not None
    assert 0 < found.probability < 1
