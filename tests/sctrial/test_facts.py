"""Facts beside the diary: what they may be, their canonical form, the digest of evidence that has them."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.eligibility import FACTS, UnknownFact
from sctrial.evidence import FORMAT, FORMAT_WITHOUT_FACTS, Evidence, evidence_from_canonical
from sctrial.facts import BeforeAndAfter, Facts, GlobalChange
from sctrial.instruments import OffScore, UnknownScore
from sctrial.scales import OffScale
from sctrial.seal import canonical_json
from sctrial.strict import DocumentError
from tests.sctrial.diaries import evidence_of

F = Fraction

percents = st.fractions(-100, 100, max_denominator=10)
yes_or_no = st.sampled_from([code for code, fact in FACTS.items() if fact.unit is None])
facts = st.builds(
    Facts,
    stated_relief=st.none() | percents,
    global_change=st.none() | st.builds(GlobalChange, st.integers(1, 7), st.sampled_from([1, 7])),
    scores=st.dictionaries(
        st.sampled_from(["odi", "eq_vas"]),
        st.builds(
            BeforeAndAfter,
            st.none() | st.integers(0, 100).map(F),
            st.none() | st.integers(0, 100).map(F),
            st.none() | st.just("2.1a"),
        ),
    ),
    lead_days=st.none() | st.integers(0, 40),
    lead_hours=st.none() | st.fractions(0, 900, max_denominator=60),
    stimulation_deficit=st.none() | st.booleans(),
    eligibility=st.dictionaries(yes_or_no, st.booleans(), max_size=3),
    attested=st.dictionaries(st.sampled_from(["successful_trial", "activity_stable"]), st.booleans()),
    not_converted=st.lists(st.sampled_from(["buprenorphine", "kratom"])).map(tuple),
)


@given(facts)
def test_facts_survive_the_canonical_form_of_their_evidence(given: Facts) -> None:
    evidence = replace(evidence_of("7 7", "3 3"), facts=given)

    read = evidence_from_canonical(json.loads(canonical_json(evidence.canonical())))

    assert read == evidence
    assert read.digest == evidence.digest
    assert hash(read.facts) == hash(given)


def test_evidence_without_facts_keeps_the_form_and_digest_it_always_had() -> None:
    evidence = evidence_of("7", "3", mme=(60, None), satisfied=True)

    assert evidence.canonical()["format"] == FORMAT_WITHOUT_FACTS == "sctrial.evidence/1"
    assert "facts" not in evidence.canonical()


def test_evidence_with_facts_says_so_in_its_format_and_its_digest() -> None:
    plain = evidence_of("7", "3")
    with_fact = replace(plain, facts=Facts(stated_relief=F(60)))

    assert with_fact.canonical()["format"] == FORMAT == "sctrial.evidence/2"
    assert with_fact.digest != plain.digest


def test_the_newer_form_without_a_fact_is_refused_so_that_one_evidence_has_one_digest() -> None:
    content = {**evidence_of("7", "3").canonical(), "format": FORMAT, "facts": Facts().canonical()}

    with pytest.raises(DocumentError, match="facts: says nothing"):
        evidence_from_canonical(content)


def test_an_older_document_with_facts_is_refused() -> None:
    content = {**evidence_of("7", "3").canonical(), "facts": Facts(lead_days=3).canonical()}

    with pytest.raises(DocumentError, match="facts: is not known here"):
        evidence_from_canonical(content)


DIFFERENT = [
    Facts(stated_relief=F(50)),
    Facts(global_change=GlobalChange(2, 1)),
    Facts(global_change=GlobalChange(2, 7)),
    Facts(scores={"odi": BeforeAndAfter(F(40), F(20))}),
    Facts(scores={"odi": BeforeAndAfter(F(40), None)}),
    Facts(lead_days=7),
    Facts(lead_hours=F(168)),
    Facts(stimulation_deficit=False),
    Facts(eligibility={"psych_clearance": True}),
    Facts(eligibility={"psych_clearance": False}),
    Facts(eligibility={"conservative_care_months": F(6)}),
    Facts(attested={"successful_trial": True}),
    Facts(not_converted=("buprenorphine",)),
]


def test_every_fact_changes_the_digest() -> None:
    plain = evidence_of("7", "3")

    assert len({replace(plain, facts=one).digest for one in DIFFERENT}) == len(DIFFERENT)


def test_the_order_of_facts_does_not_matter() -> None:
    one = Facts(eligibility={"adult": True, "psych_clearance": True}, not_converted=("b", "a", "b"))
    other = Facts(eligibility={"psych_clearance": True, "adult": True}, not_converted=("a", "b"))

    assert one == other
    assert canonical_json(one.canonical()) == canonical_json(other.canonical())


# fmt: off
IMPOSSIBLE = [
    (lambda: Facts(stated_relief=F(101)),                             OffScale,     "more relief than"),
    (lambda: GlobalChange(8, 1),                                      OffScale,     "from 1 to 7"),
    (lambda: GlobalChange(2, 4),                                      OffScale,     "best end is 1 or 7"),
    (lambda: Facts(lead_days=-1),                                     OffScale,     "below 0"),
    (lambda: Facts(lead_hours=F(-1)),                                 OffScale,     "below 0"),
    (lambda: Facts(scores={"odi": BeforeAndAfter(F(101))}),           OffScore,     "outside odi"),
    (lambda: Facts(scores={"hads_anxiety": BeforeAndAfter(F(1, 2))}), OffScore,     "whole points only"),
    (lambda: Facts(scores={"mood": BeforeAndAfter(F(1))}),            UnknownScore, "not a score"),
    (lambda: Facts(eligibility={"mood": True}),                       UnknownFact,  "not a known fact"),
    (lambda: Facts(eligibility={"adult": F(1)}),                      UnknownFact,  "true or false"),
    (lambda: Facts(eligibility={"pain_duration_months": True}),       UnknownFact,  "a number of months"),
    (lambda: Facts(eligibility={"pain_duration_months": F(-1)}),      UnknownFact,  "a number of months"),
    (lambda: Facts(attested={"not a name": True}),                    ValueError,   "named by letters"),
    (lambda: Facts(not_converted=(" ",)),                             ValueError,   "no name"),
]
# fmt: on


@pytest.mark.parametrize(("make", "error", "message"), IMPOSSIBLE)
def test_a_fact_that_cannot_be_is_refused_with_the_remedy(
    make: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make()  # type: ignore[operator]


def test_a_global_change_is_counted_from_no_change_whichever_way_the_form_runs() -> None:
    assert [GlobalChange(answer, 1).steps for answer in range(1, 8)] == [3, 2, 1, 0, -1, -2, -3]
    assert [GlobalChange(answer, 7).steps for answer in range(1, 8)] == [-3, -2, -1, 0, 1, 2, 3]


def test_evidence_with_facts_can_be_hashed() -> None:
    evidence = replace(evidence_of("7", "3"), facts=Facts(attested={"successful_trial": True}))

    assert isinstance(evidence, Evidence)
    assert len({evidence, replace(evidence)}) == 1
