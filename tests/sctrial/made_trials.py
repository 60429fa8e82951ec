"""Made-up trials of every kind, for laws: the same trial as evidence and as rows of a frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from sctrial.columns import KINDS, PHASES, diary_frame
from sctrial.criteria import shipped_rule_sets
from sctrial.eligibility import FACTS
from sctrial.evidence import Analgesics, Entry, Evidence, Protocol
from sctrial.facts import BeforeAndAfter, Facts
from sctrial.nodes import Attested, walk
from sctrial.phases import DiaryPhase
from sctrial.scales import SCALES, TARGET, ScaleCode, ScoreKind
from sctrial.windows import Several, Window, WindowKind

REGIONS = (TARGET, "wound", "left leg", "back", "overall")
FIRST_DAY = date(2026, 2, 25)
ANSWERED = (None, True, False)
STATEMENTS = sorted(
    {node.statement for rule in shipped_rule_sets() for node in walk(rule.root) if isinstance(node, Attested)}
)

counted = st.builds(
    Window,
    kind=st.sampled_from([WindowKind.LAST_N_DAYS, WindowKind.EXCLUDE_FIRST_N_DAYS]),
    n=st.integers(1, 9) | st.just(366),
)
windows = st.just(Window(kind=WindowKind.WHOLE_PHASE)) | counted
doses = st.none() | st.fractions(0, 200, max_denominator=4)
points = st.none() | st.fractions(0, 100, max_denominator=4)
facts = st.builds(
    Facts,
    scores=st.fixed_dictionaries(
        {},
        optional={code: st.builds(BeforeAndAfter, points, points) for code in ("odi", "goudman_composite")},
    ),
    lead_days=st.none() | st.integers(0, 30),
    stimulation_deficit=st.sampled_from(ANSWERED),
    eligibility=st.fixed_dictionaries(
        {},
        optional={
            code: st.booleans() if fact.unit is None else st.integers(0, 12).map(Fraction)
            for code, fact in FACTS.items()
        },
    ),
    attested=st.fixed_dictionaries({}, optional=dict.fromkeys(STATEMENTS, st.booleans())),
    not_converted=st.sampled_from([(), ("tapentadol",)]),
)


@dataclass(frozen=True)
class MadeTrial:
    """The same trial twice: as evidence, and as the rows a frame is made of."""

    evidence: Evidence
    rows: Sequence[tuple[date, DiaryPhase, str, ScoreKind, int]]


@st.composite
def trials(draw: st.DrawFn) -> MadeTrial:
    protocol = draw(
        st.builds(
            Protocol,
            baseline_window=windows,
            trial_window=windows,
            several=st.sampled_from(Several),
            scale=st.sampled_from(ScaleCode),
        )
    )
    rows = draw(st.lists(diary_rows(protocol.scale), max_size=40))
    evidence = Evidence(
        protocol=protocol,
        entries=tuple(
            Entry(day, phase, region, kind, Fraction(units, SCALES[protocol.scale].per_point))
            for day, phase, region, kind, units in rows
        ),
        analgesics=draw(st.builds(Analgesics, baseline=doses, trial=doses)),
        satisfied=draw(st.sampled_from(ANSWERED)),
        facts=draw(facts),
    )
    return MadeTrial(evidence, rows)


def diary_rows(code: ScaleCode) -> st.SearchStrategy[tuple[date, DiaryPhase, str, ScoreKind, int]]:
    scale = SCALES[code]
    # Few days, mostly the target and average, so that days with several entries are common.
    return st.tuples(
        st.integers(0, 11).map(lambda n: FIRST_DAY + timedelta(days=n)),
        st.sampled_from(DiaryPhase),
        st.sampled_from([TARGET, TARGET, TARGET, *REGIONS]),
        st.sampled_from([ScoreKind.AVERAGE, ScoreKind.AVERAGE, *ScoreKind]),
        st.integers(scale.to_units(scale.minimum), scale.to_units(scale.maximum)),
    )


def frame_of(made: Sequence[MadeTrial]) -> pd.DataFrame:
    rows = [(number, place, *row) for number, each in enumerate(made) for place, row in enumerate(each.rows)]
    return diary_frame(
        trial=np.array([row[0] for row in rows], np.int64),
        day=np.array([row[2].toordinal() for row in rows], np.int64),
        phase=np.array([PHASES.index(row[3]) for row in rows], np.int64),
        region=pd.Categorical([row[4] for row in rows]),
        kind=np.array([KINDS.index(row[5]) for row in rows], np.int64),
        value=np.array([row[6] for row in rows], np.int64),
        sequence=np.array([row[1] for row in rows], np.int64),
    )
