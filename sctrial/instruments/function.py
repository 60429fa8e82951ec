"""What a patient can do: ODI, RMDQ and PROMIS physical function and pain interference."""

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
    numbered,
)
from sctrial.instruments.pain import NO_RULE
from sctrial.sources import Mark, Source

_ZERO: Final = Fraction(0)
_OSTELO: Final = Source("Ostelo and others 2008", Mark.SEEN)
_T_HOLDER: Final = "PROMIS Health Organization; platforms need written permission"
_T_MISSING: Final = Source("a T-score comes whole, from a loaded table or another system", Mark.DEFAULT)

_ODI_ITEMS: Final = numbered("section", 10)

ODI: Final = Instrument(
    code="odi",
    label="Oswestry Disability Index 2.1a",
    licence=Licence.CODES_ONLY,
    holder="Fairbank, through Mapi Research Trust",
    items=_ODI_ITEMS,
    lowest=0,
    highest=5,
    # The source allows a score from a single section and says that under 8 is rare in practice.
    missing=Source("100 * sum / (5 * answered); at least 8 sections", Mark.DEFAULT),
    several=True,
    scores=(
        Score(
            "odi",
            "disability, percent",
            _ZERO,
            Fraction(100),
            Better.LOWER,
            Rule(_ODI_ITEMS, Combine.PERCENT_OF_ANSWERED, 8, most=5),
            whole=False,
            bands=bands(
                Source("ODI 2.1a: 0-20, 21-40, 41-60, 61-80, 81-100", Mark.SEEN),
                (0, "minimal"),
                (21, "moderate"),
                (41, "severe"),
                (61, "crippled"),
                (81, "bed-bound"),
            ),
            smallest_change=SmallestChange(Fraction(10), _OSTELO),
        ),
    ),
    sources=(
        Source("ODI 2.1a scoring, Mapi Research Trust: two boxes ticked, the higher counts", Mark.SEEN),
    ),
)

_RMDQ_ITEMS: Final = numbered("statement", 24)

RMDQ: Final = Instrument(
    code="rmdq",
    label="Roland-Morris Disability Questionnaire, 24 statements; 0 no, 1 yes",
    licence=Licence.CODES_ONLY,
    holder="Roland and Morris; terms not confirmed here",
    items=_RMDQ_ITEMS,
    lowest=0,
    highest=1,
    missing=NO_RULE,
    scores=(
        Score(
            "rmdq",
            "disability, statements that apply",
            _ZERO,
            Fraction(24),
            Better.LOWER,
            Rule(_RMDQ_ITEMS, Combine.SUM, 24),
            smallest_change=SmallestChange(Fraction(5), _OSTELO),
        ),
    ),
    sources=(Source("Roland and Morris 1983: sum of 24 statements", Mark.KNOWN),),
)

_INTERFERENCE: Final = numbered("interference", 4)

PROMIS_PAIN_INTERFERENCE: Final = Instrument(
    code="promis_pain_interference_4a",
    label="PROMIS pain interference, four items 1-5",
    licence=Licence.CODES_ONLY,
    holder=_T_HOLDER,
    items=_INTERFERENCE,
    lowest=1,
    highest=5,
    missing=NO_RULE,
    scores=(
        Score(
            "promis_pain_interference_raw",
            "pain interference, raw sum",
            Fraction(4),
            Fraction(20),
            Better.LOWER,
            Rule(_INTERFERENCE, Combine.SUM, 4),
        ),
        Score(
            "promis_pain_interference_t",
            "pain interference, T-score",
            _ZERO,
            Fraction(100),
            Better.LOWER,
            whole=False,
        ),
    ),
    sources=(
        Source("PROMIS-29: seven domains of four items, sum to T by lookup, mean 50, SD 10", Mark.SEEN),
    ),
)

PROMIS_PHYSICAL_FUNCTION: Final = Instrument(
    code="promis_physical_function",
    label="PROMIS physical function, T-score only",
    licence=Licence.CODES_ONLY,
    holder=_T_HOLDER,
    items=(),
    lowest=0,
    highest=0,
    missing=_T_MISSING,
    scores=(
        Score(
            "promis_physical_function_t",
            "physical function, T-score",
            _ZERO,
            Fraction(100),
            Better.HIGHER,
            whole=False,
        ),
    ),
    sources=(Source("T-scores: mean 50, SD 10 of the reference population", Mark.SEEN),),
)

FUNCTION: Final = (ODI, RMDQ, PROMIS_PAIN_INTERFERENCE, PROMIS_PHYSICAL_FUNCTION)
