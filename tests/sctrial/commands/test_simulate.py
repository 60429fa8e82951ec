"""``simulate``: the same seed gives the same file, and what it writes can be judged."""

from fractions import Fraction

import pytest

from sctrial.phases import DiaryPhase
from sctrial.scales import SCALES, ScaleCode
from sctrial.tidy import read_tidy
from tests.sctrial.terminal import sctrial


def test_the_same_seed_gives_the_same_file_and_another_seed_another() -> None:
    first, again, other = (sctrial("simulate", "--seed", seed).stdout for seed in ("7", "7", "8"))

    assert first == again != other


def test_the_file_is_a_tidy_diary_of_whole_scores() -> None:
    done = sctrial("simulate", "--patients", "3", "--baseline-days", "5", "--trial-days", "4")
    patients = read_tidy(done.stdout.encode(), scale=SCALES[ScaleCode.NRS_11])

    assert list(patients) == ["SIM-0001", "SIM-0002", "SIM-0003"]
    for entries in patients.values():
        phases = [entry.phase for entry in entries]
        assert (phases.count(DiaryPhase.BASELINE), phases.count(DiaryPhase.TRIAL)) == (5, 4)


def test_a_patient_without_spread_has_exactly_the_truth() -> None:
    done = sctrial(
        "simulate", "--baseline-mean", "8", "--reduction", "25%", "--day-sd", "0", "--patients", "2"
    )
    patients = read_tidy(done.stdout.encode(), scale=SCALES[ScaleCode.NRS_11])

    values = {(entry.phase, entry.value) for entries in patients.values() for entry in entries}
    assert values == {(DiaryPhase.BASELINE, Fraction(8)), (DiaryPhase.TRIAL, Fraction(8 - 2))}


# fmt: off
REFUSED = [
    (("--reduction", "50"),      "'50' is not a range from -1 to 1"),
    (("--reduction", "0.5:0.2"), "is not a range"),
    (("--reduction", "nan"),     "is not a range"),
    (("--reduction", "1:2:3"),   "is not a range"),
    (("--reduction", "half"),    "is not a range"),
    (("--day-sd", "-1"),         "is not a range from 0 to 10"),
    (("--lag1", "1"),            "is not a range from 0 to 0.99"),
    (("--missing", "0.1:0.2"),   "must be one share"),
    (("--patients", "0"),        "is not a whole number from 1"),
    (("--seed", "abc"),          "is not a whole number from 0"),
]
# fmt: on


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_what_cannot_be_made_up_is_refused(arguments: tuple[str, ...], message: str) -> None:
    done = sctrial("simulate", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
