"""Quality of life and the patient's own view of the change: EQ-5D, PROMIS global, PSQI, global change."""

from fractions import Fraction
from typing import Final

from sctrial.instruments.kinds import (
    Better,
    Combine,
    Instrument,
    Licence,
    Rule,
    Score,
    SmallestChange,
    bands,
)
from sctrial.instruments.pain import NO_RULE
from sctrial.instruments.scoring import PROFILES
from sctrial.sources import Mark, Source

_ZERO: Final = Fraction(0)

GLOBAL_CHANGE: Final = Instrument(
    code="global_change",
    label="global impression of change: 1 very much improved, 4 no change, 7 very much worse",
    licence=Licence.OPEN,
    holder="nobody; own wording",
    items=("global_change",),
    lowest=1,
    highest=7,
    missing=NO_RULE,
    # Forms that run the other way exist; evidence therefore stores which end is the best.
    scores=(
        Score(
            "global_change",
            "global impression of change",
            Fraction(1),
            Fraction(7),
            Better.LOWER,
            Rule(("global_change",), Combine.SUM, 1),
        ),
    ),
    sources=(
        Source("IMMPACT, Dworkin and others 2008: minimally, much, very much improved", Mark.SEEN),
        Source("generic seven steps, own wording", Mark.KNOWN),
    ),
)

EQ_5D_5L: Final = Instrument(
    code="eq_5d_5l",
    label="EQ-5D-5L profile and EQ VAS; the index only from a loaded value set",
    # The text is class R; item codes and the profile may be stored, and that is all there is here.
    licence=Licence.CODES_ONLY,
    holder="EuroQol Research Foundation; wording and value sets are licensed",
    items=(*PROFILES["eq_5d_5l"], "eq_vas"),
    lowest=1,
    highest=5,
    ends={"eq_vas": (0, 100)},
    missing=Source("a profile needs all five dimensions; the EQ VAS stands alone", Mark.DEFAULT),
    scores=(
        Score(
            "eq_vas",
            "health today, EQ VAS",
            _ZERO,
            Fraction(100),
            Better.HIGHER,
            Rule(("eq_vas",), Combine.SUM, 1),
        ),
        Score(
            "eq_5d_5l_index",
            "EQ-5D-5L index, of the loaded value set",
            None,
            Fraction(1),
            Better.HIGHER,
            whole=False,
            smallest_change=SmallestChange(Fraction(74, 1000), Source("EQ-5D-5L index 0.074", Mark.KNOWN)),
        ),
    ),
    sources=(
        Source("EuroQol: profile such as 21143 and EQ VAS; both parts make an EQ-5D", Mark.SEEN),
        Source("full health has the index 1", Mark.KNOWN),
    ),
)

_GLOBAL: Final = tuple(f"global{number:02d}" for number in range(1, 11))
_REVERSED: Final = {answer: 6 - answer for answer in range(1, 6)}
_PAIN_TO_FIVE: Final = {
    pain: 5 if pain == 0 else 4 if pain <= 3 else 3 if pain <= 6 else 2 if pain <= 9 else 1
    for pain in range(11)
}

PROMIS_GLOBAL_10: Final = Instrument(
    code="promis_global_10",
    label="PROMIS global health 1.0/1.1, ten items as answered: fatigue and emotion 1 none ... 5 very severe",
    licence=Licence.CODES_ONLY,
    holder="PROMIS Health Organization; platforms need written permission",
    items=_GLOBAL,
    lowest=1,
    highest=5,
    ends={"global07": (0, 10)},
    missing=NO_RULE,
    scores=(
        Score(
            "promis_global_physical_raw",
            "physical health, raw sum",
            Fraction(4),
            Fraction(20),
            Better.HIGHER,
            Rule(
                ("global03", "global06", "global07", "global08"),
                Combine.SUM,
                4,
                recode={"global07": _PAIN_TO_FIVE, "global08": _REVERSED},
            ),
        ),
        Score(
            "promis_global_mental_raw",
            "mental health, raw sum",
            Fraction(4),
            Fraction(20),
            Better.HIGHER,
            Rule(
                ("global02", "global04", "global05", "global10"),
                Combine.SUM,
                4,
                recode={"global10": _REVERSED},
            ),
        ),
        Score(
            "promis_global_physical_t",
            "physical health, T-score",
            _ZERO,
            Fraction(100),
            Better.HIGHER,
            whole=False,
        ),
        Score(
            "promis_global_mental_t",
            "mental health, T-score",
            _ZERO,
            Fraction(100),
            Better.HIGHER,
            whole=False,
        ),
    ),
    sources=(
        Source("Hays and others 2009: items of the two scales, fatigue and emotion reversed", Mark.SEEN),
        Source("pain 0, 1-3, 4-6, 7-9, 10 counts 5, 4, 3, 2, 1", Mark.KNOWN),
    ),
)

PSQI: Final = Instrument(
    code="psqi",
    label="Pittsburgh Sleep Quality Index, total only",
    licence=Licence.TOTAL_ONLY,
    holder="University of Pittsburgh",
    items=(),
    lowest=0,
    highest=0,
    missing=Source("scored outside, by the licence holder's key", Mark.DEFAULT),
    scores=(
        Score(
            "psqi",
            "sleep quality",
            _ZERO,
            Fraction(21),
            Better.LOWER,
            bands=bands(Source("PSQI above 5 is poor sleep", Mark.SEEN), (0, "good"), (6, "poor")),
            smallest_change=SmallestChange(Fraction(3), Source("PSQI change of 3", Mark.KNOWN)),
        ),
    ),
    sources=(Source("seven components 0-3, total 0 to 21", Mark.SEEN),),
)

GOUDMAN: Final = Instrument(
    code="goudman_composite",
    label="leg pain + ODI + (100 - EQ VAS), 0 best to 300 worst",
    licence=Licence.OPEN,
    holder="nobody; a sum of three figures",
    items=(),
    lowest=0,
    highest=0,
    missing=Source("needs all three parts", Mark.DEFAULT),
    scores=(
        Score(
            "goudman_composite",
            "clinical holistic outcome",
            _ZERO,
            Fraction(300),
            Better.LOWER,
            whole=False,
            smallest_change=SmallestChange(
                Fraction(8797, 100), Source("Goudman and others 2023: 87.97 points or 48.4 %", Mark.SEEN)
            ),
        ),
    ),
    sources=(Source("Goudman and others, Neuromodulation 2023;26:139-146", Mark.SEEN),),
)


def compute_goudman_composite(*, leg_pain: Fraction, odi: Fraction, eq_vas: Fraction) -> Fraction:
    """``leg_pain + odi + (100 - eq_vas)``, 0 best to 300 worst, each part on 0 to 100.

    Source: Goudman and others 2023. Raises ValueError for a part outside 0 to 100.
    """
    parts = {"leg_pain": leg_pain, "odi": odi, "eq_vas": eq_vas}
    for name, value in parts.items():
        if not 0 <= value <= 100:
            raise ValueError(f"{name} must be from 0 to 100; bring a 0-10 rating to 0-100 first")
    return leg_pain + odi + 100 - eq_vas


QUALITY: Final = (GLOBAL_CHANGE, EQ_5D_5L, PROMIS_GLOBAL_10, PSQI, GOUDMAN)
