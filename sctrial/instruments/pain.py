"""Pain, its interference and its kind: NRS, VAS, stated relief, sleep, BPI-SF, PEG, DN4 and stored totals."""

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
from sctrial.sources import Mark, Source

_ZERO: Final = Fraction(0)
_TEN: Final = Fraction(10)

NO_RULE: Final = Source("no published rule known here: every item is needed", Mark.DEFAULT)
_OSTELO: Final = Source("Ostelo and others 2008", Mark.SEEN)
_IMMPACT: Final = Source("IMMPACT, Dworkin and others 2008", Mark.SEEN)
_BPI_GUIDE: Final = Source("Brief Pain Inventory user guide, Cleeland 2009", Mark.SEEN)

NRS: Final = Instrument(
    code="nrs",
    label="0-10 numeric rating of pain",
    licence=Licence.OPEN,
    holder="nobody; no permission needed (ICHOM)",
    items=("nrs",),
    lowest=0,
    highest=10,
    missing=NO_RULE,
    scores=(
        Score(
            "nrs",
            "pain, numeric rating",
            _ZERO,
            _TEN,
            Better.LOWER,
            Rule(("nrs",), Combine.SUM, 1),
            smallest_change=SmallestChange(Fraction(2), _OSTELO),
        ),
    ),
    sources=(Source("IMMPACT core outcome measures, Dworkin and others 2005", Mark.SEEN),),
)

VAS: Final = Instrument(
    code="vas",
    label="100 mm visual analogue scale of pain, in whole millimetres",
    licence=Licence.OPEN,
    holder="nobody",
    items=("vas",),
    lowest=0,
    highest=100,
    missing=NO_RULE,
    scores=(
        Score(
            "vas",
            "pain, visual analogue scale",
            _ZERO,
            Fraction(100),
            Better.LOWER,
            Rule(("vas",), Combine.SUM, 1),
            smallest_change=SmallestChange(Fraction(15), _OSTELO),
        ),
    ),
    sources=(Source("Huskisson 1974", Mark.KNOWN),),
)

STATED_RELIEF: Final = Instrument(
    code="stated_relief",
    label="relief in percent as the patient states it; below 0 is worse than before",
    licence=Licence.OPEN,
    holder="nobody; own wording",
    items=("stated_relief",),
    lowest=-100,
    highest=100,
    missing=NO_RULE,
    scores=(
        Score(
            "stated_relief",
            "stated relief",
            Fraction(-100),
            Fraction(100),
            Better.HIGHER,
            Rule(("stated_relief",), Combine.SUM, 1),
        ),
    ),
    # The lower end is ours: sources ask for 0 to 100 and only say that "worse" must be possible.
    sources=(Source("Hagedorn and others 2021: stated beside calculated relief", Mark.SEEN),),
)

SLEEP_NRS: Final = Instrument(
    code="sleep_nrs",
    label="0-10 rating of how pain interfered with sleep",
    licence=Licence.OPEN,
    holder="nobody; own wording",
    items=("sleep_nrs",),
    lowest=0,
    highest=10,
    missing=NO_RULE,
    scores=(
        Score(
            "sleep_nrs",
            "sleep interference",
            _ZERO,
            _TEN,
            Better.LOWER,
            Rule(("sleep_nrs",), Combine.SUM, 1),
            smallest_change=SmallestChange(Fraction(2), Source("clinical custom", Mark.KNOWN)),
        ),
    ),
    sources=(Source("daily sleep interference rating of analgesic trials", Mark.KNOWN),),
)

_SEVERITY: Final = ("worst", "least", "average", "now")
_INTERFERENCE: Final = numbered("interference", 7)

BPI_SF: Final = Instrument(
    code="bpi_sf",
    label="Brief Pain Inventory, short form",
    licence=Licence.CODES_ONLY,
    holder="Cleeland; no reproduction without permission",
    items=(*_SEVERITY, *_INTERFERENCE),
    lowest=0,
    highest=10,
    missing=Source(
        "interference from at least 4 of 7 items (user guide); severity from all 4, for which none is known",
        Mark.SEEN,
    ),
    scores=(
        Score(
            "bpi_severity",
            "pain severity",
            _ZERO,
            _TEN,
            Better.LOWER,
            Rule(_SEVERITY, Combine.MEAN, 4),
            whole=False,
        ),
        Score(
            "bpi_interference",
            "pain interference",
            _ZERO,
            _TEN,
            Better.LOWER,
            Rule(_INTERFERENCE, Combine.MEAN, 4),
            whole=False,
            smallest_change=SmallestChange(Fraction(1), _IMMPACT),
        ),
    ),
    sources=(_BPI_GUIDE,),
)

_PEG_ITEMS: Final = ("pain", "enjoyment", "general_activity")

PEG: Final = Instrument(
    code="peg",
    label="PEG: pain, enjoyment, general activity",
    licence=Licence.CODES_ONLY,
    holder="Krebs; items stem from the Brief Pain Inventory",
    items=_PEG_ITEMS,
    lowest=0,
    highest=10,
    missing=NO_RULE,
    scores=(Score("peg", "PEG", _ZERO, _TEN, Better.LOWER, Rule(_PEG_ITEMS, Combine.MEAN, 3), whole=False),),
    sources=(
        Source("Krebs and others 2009: three items on intensity, enjoyment, activity", Mark.SEEN),
        Source("the score is the mean of the three", Mark.KNOWN),
    ),
)

_DN4_INTERVIEW: Final = numbered("interview", 7)
_DN4_EXAMINATION: Final = numbered("examination", 3)
_DN4_CUT: Final = Source("DN4 screening cuts: 4 of 10, 3 of the 7 interview items", Mark.KNOWN)

DN4: Final = Instrument(
    code="dn4",
    label="DN4, 7 interview and 3 examination items; 0 no, 1 yes",
    licence=Licence.CODES_ONLY,
    holder="Bouhassira; terms not confirmed here",
    items=(*_DN4_INTERVIEW, *_DN4_EXAMINATION),
    lowest=0,
    highest=1,
    missing=NO_RULE,
    scores=(
        Score(
            "dn4",
            "DN4, all ten items",
            _ZERO,
            _TEN,
            Better.LOWER,
            Rule((*_DN4_INTERVIEW, *_DN4_EXAMINATION), Combine.SUM, 10),
            bands=bands(_DN4_CUT, (0, "below the cut"), (4, "neuropathic pain suggested")),
        ),
        Score(
            "dn4_interview",
            "DN4, seven interview items",
            _ZERO,
            Fraction(7),
            Better.LOWER,
            Rule(_DN4_INTERVIEW, Combine.SUM, 7),
            bands=bands(_DN4_CUT, (0, "below the cut"), (3, "neuropathic pain suggested")),
        ),
    ),
    sources=(Source("Bouhassira and others 2005: ten yes or no items", Mark.KNOWN),),
)

PAIN_DETECT: Final = Instrument(
    code="pain_detect",
    label="painDETECT, total only",
    licence=Licence.TOTAL_ONLY,
    holder="Pfizer",
    items=(),
    lowest=0,
    highest=0,
    missing=Source("scored outside, by the licence holder's key", Mark.DEFAULT),
    scores=(
        Score(
            "pain_detect",
            "painDETECT",
            Fraction(-1),
            Fraction(38),
            Better.LOWER,
            bands=bands(
                Source("painDETECT: up to 12, 13 to 18, 19 and more", Mark.KNOWN),
                (-1, "neuropathic component unlikely"),
                (13, "unclear"),
                (19, "neuropathic component likely"),
            ),
        ),
    ),
    sources=(Source("range of the published form, -1 to 38", Mark.KNOWN),),
)

S_LANSS: Final = Instrument(
    code="s_lanss",
    label="S-LANSS, total only",
    licence=Licence.CODES_ONLY,
    holder="Bennett; terms not confirmed here",
    items=(),
    lowest=0,
    highest=0,
    missing=Source("scored outside; its item weights are not shipped", Mark.DEFAULT),
    scores=(
        Score(
            "s_lanss",
            "S-LANSS",
            _ZERO,
            Fraction(24),
            Better.LOWER,
            bands=bands(
                Source("S-LANSS screening cut 12", Mark.KNOWN), (0, "below the cut"), (12, "neuropathic")
            ),
        ),
    ),
    sources=(Source("seven weighted items, 0 to 24", Mark.KNOWN),),
)

PAIN: Final = (NRS, VAS, STATED_RELIEF, SLEEP_NRS, BPI_SF, PEG, DN4, PAIN_DETECT, S_LANSS)
