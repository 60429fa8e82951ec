"""Mood and coping: PHQ-9, PHQ-2, GAD-7, PCS, and HADS as stored totals."""

from fractions import Fraction
from typing import Final

from sctrial.instruments.kinds import (
    Alert,
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
_PHQ_HOLDER: Final = "Spitzer, Williams, Kroenke; keep the notice that forms print (Pfizer)"
_PHQ_ITEMS: Final = numbered("phq", 9)
_GAD_ITEMS: Final = numbered("gad", 7)
_PHQ_SOURCE: Final = Source("Kroenke, Spitzer, Williams 2001: nine items 0-3, sum", Mark.SEEN)

SELF_HARM: Final = Alert(
    "phq_9",
    0,
    "phq_9_item_9",
    "Item 9 of the PHQ-9 was answered above 0: a clinician should speak with the patient now.",
)

PHQ_9: Final = Instrument(
    code="phq_9",
    label="Patient Health Questionnaire, nine items",
    licence=Licence.OPEN,
    holder=_PHQ_HOLDER,
    items=_PHQ_ITEMS,
    lowest=0,
    highest=3,
    missing=NO_RULE,
    alerts=(SELF_HARM,),
    scores=(
        Score(
            "phq_9",
            "depression",
            _ZERO,
            Fraction(27),
            Better.LOWER,
            Rule(_PHQ_ITEMS, Combine.SUM, 9),
            bands=bands(
                Source("PHQ-9 cuts 5, 10, 15, 20", Mark.SEEN),
                (0, "minimal"),
                (5, "mild"),
                (10, "moderate"),
                (15, "moderately severe"),
                (20, "severe"),
            ),
            smallest_change=SmallestChange(Fraction(5), Source("PHQ-9 change of 5", Mark.KNOWN)),
        ),
    ),
    sources=(_PHQ_SOURCE,),
)

PHQ_2: Final = Instrument(
    code="phq_2",
    label="Patient Health Questionnaire, first two items",
    licence=Licence.OPEN,
    holder=_PHQ_HOLDER,
    items=_PHQ_ITEMS[:2],
    lowest=0,
    highest=3,
    missing=NO_RULE,
    scores=(
        Score(
            "phq_2",
            "depression screen",
            _ZERO,
            Fraction(6),
            Better.LOWER,
            Rule(_PHQ_ITEMS[:2], Combine.SUM, 2),
            bands=bands(Source("PHQ-2 cut 3", Mark.SEEN), (0, "below the cut"), (3, "positive screen")),
        ),
    ),
    sources=(_PHQ_SOURCE,),
)

GAD_7: Final = Instrument(
    code="gad_7",
    label="Generalised Anxiety Disorder, seven items",
    licence=Licence.OPEN,
    holder=_PHQ_HOLDER,
    items=_GAD_ITEMS,
    lowest=0,
    highest=3,
    missing=NO_RULE,
    scores=(
        Score(
            "gad_7",
            "anxiety",
            _ZERO,
            Fraction(21),
            Better.LOWER,
            Rule(_GAD_ITEMS, Combine.SUM, 7),
            bands=bands(
                Source("GAD-7 cuts 5, 10, 15", Mark.SEEN),
                (0, "minimal"),
                (5, "mild"),
                (10, "moderate"),
                (15, "severe"),
            ),
            smallest_change=SmallestChange(Fraction(4), Source("GAD-7 change of 4", Mark.KNOWN)),
        ),
    ),
    sources=(Source("Spitzer and others 2006: seven items 0-3, sum", Mark.SEEN),),
)

_PCS_ITEMS: Final = numbered("pcs", 13)


def _pcs(*numbers: int) -> tuple[str, ...]:
    return tuple(f"pcs_{number}" for number in numbers)


_RUMINATION: Final = _pcs(8, 9, 10, 11)
_MAGNIFICATION: Final = _pcs(6, 7, 13)
_HELPLESSNESS: Final = _pcs(1, 2, 3, 4, 5, 12)

PCS: Final = Instrument(
    code="pcs",
    label="Pain Catastrophizing Scale",
    licence=Licence.CODES_ONLY,
    holder="Sullivan; electronic use through Mapi Research Trust",
    items=_PCS_ITEMS,
    lowest=0,
    highest=4,
    missing=NO_RULE,
    scores=(
        Score(
            "pcs",
            "catastrophising",
            _ZERO,
            Fraction(52),
            Better.LOWER,
            Rule(_PCS_ITEMS, Combine.SUM, 13),
            bands=bands(Source("PCS cut 30", Mark.SEEN), (0, "below the cut"), (30, "clinically relevant")),
            smallest_change=SmallestChange(Fraction(13, 2), Source("6.48 in a ROC analysis", Mark.SEEN)),
        ),
        Score(
            "pcs_rumination",
            "rumination",
            _ZERO,
            Fraction(16),
            Better.LOWER,
            Rule(_RUMINATION, Combine.SUM, 4),
        ),
        Score(
            "pcs_magnification",
            "magnification",
            _ZERO,
            Fraction(12),
            Better.LOWER,
            Rule(_MAGNIFICATION, Combine.SUM, 3),
        ),
        Score(
            "pcs_helplessness",
            "helplessness",
            _ZERO,
            Fraction(24),
            Better.LOWER,
            Rule(_HELPLESSNESS, Combine.SUM, 6),
        ),
    ),
    sources=(
        Source("Sullivan, Bishop, Pivik 1995; items of the subscales: Rehabilitation Measures", Mark.SEEN),
    ),
)

_HADS_CUTS: Final = Source("HADS cuts 8 and 11", Mark.SEEN)
_HADS_CHANGE: Final = SmallestChange(Fraction(3, 2), Source("HADS change of 1.5", Mark.KNOWN))


def _hads(code: str, label: str) -> Score:
    cuts = bands(_HADS_CUTS, (0, "normal"), (8, "borderline"), (11, "abnormal"))
    return Score(code, label, _ZERO, Fraction(21), Better.LOWER, bands=cuts, smallest_change=_HADS_CHANGE)


HADS: Final = Instrument(
    code="hads",
    label="Hospital Anxiety and Depression Scale, totals only",
    licence=Licence.TOTAL_ONLY,
    holder="the publisher (GL Assessment)",
    items=(),
    lowest=0,
    highest=0,
    missing=Source("scored outside, by the licence holder's key", Mark.DEFAULT),
    scores=(_hads("hads_anxiety", "anxiety"), _hads("hads_depression", "depression")),
    sources=(Source("two totals, 0 to 21 each", Mark.SEEN),),
)

MOOD: Final = (PHQ_9, PHQ_2, GAD_7, PCS, HADS)
