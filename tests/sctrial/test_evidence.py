"""Evidence: one canonical form, one digest, and the way back."""

import json
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.evidence import (
    FORMAT_WITH_ORIGINATORS,
    FORMAT_WITHOUT_FACTS,
    Analgesics,
    Entry,
    Evidence,
    Originator,
    evidence_from_canonical,
)
from sctrial.phases import DiaryPhase
from sctrial.scales import OffScale, ScaleCode, ScoreKind
from sctrial.seal import canonical_json
from sctrial.strict import DocumentError
from sctrial.windows import Several
from tests.sctrial.diaries import evidence_of, protocol

F = Fraction

amounts = st.none() | st.fractions(0, 500, max_denominator=100)
entries = st.builds(
    Entry,
    day=st.dates(date(2026, 1, 1), date(2026, 1, 10)),
    phase=st.sampled_from(DiaryPhase),
    region=st.sampled_from(["target", "leg", "Knie ß"]),
    kind=st.sampled_from(ScoreKind),
    value=st.fractions(0, 10, max_denominator=1000),
    source=st.none() | st.uuids().map(str),
    originator=st.none() | st.sampled_from(Originator),
)
evidences = st.builds(
    Evidence,
    protocol=st.builds(protocol, several=st.sampled_from(Several)),
    entries=st.lists(entries, max_size=12).map(tuple),
    analgesics=st.builds(Analgesics, amounts, amounts, st.none() | st.just("CDC 2022")),
    satisfied=st.none() | st.booleans(),
)


@given(evidences)
def test_evidence_survives_its_canonical_form(evidence: Evidence) -> None:
    read = evidence_from_canonical(json.loads(canonical_json(evidence.canonical())))

    assert read == evidence
    assert read.digest == evidence.digest


@given(evidences, st.integers())
def test_the_order_of_rows_cannot_change_the_digest_when_days_are_means(
    evidence: Evidence, seed: int
) -> None:
    rows = list(evidence.entries)
    Random(seed).shuffle(rows)
    under = protocol(several=Several.MEAN)

    assert Evidence(under, tuple(rows)).digest == Evidence(under, evidence.entries).digest


def test_scores_that_differ_in_their_originator_alone_have_one_order_when_days_are_means() -> None:
    own = Entry(date(2026, 1, 1), DiaryPhase.BASELINE, "target", ScoreKind.AVERAGE, F(7))
    told = replace(own, originator=Originator.STAFF)
    under = protocol(several=Several.MEAN)

    assert Evidence(under, (own, told)).digest == Evidence(under, (told, own)).digest


@pytest.mark.parametrize("several", [Several.FIRST, Several.LAST])
def test_the_sequence_within_a_day_is_evidence_when_the_first_or_last_score_counts(several: Several) -> None:
    under = protocol(several=several)

    assert evidence_of("7,5", "3", under=under).digest != evidence_of("5,7", "3", under=under).digest


def test_the_sequence_of_days_never_is() -> None:
    under = protocol(several=Several.LAST)
    evidence = evidence_of("7,5 6 8", "3", under=under)
    by_day = sorted(evidence.entries, key=lambda entry: entry.day, reverse=True)

    assert Evidence(under, tuple(by_day)).digest == evidence.digest


def test_the_digest_is_fixed_to_the_byte() -> None:
    """A change here means: old digests no longer match; raise the format."""
    evidence = evidence_of("7", "3", mme=(60, None), satisfied=True)

    assert canonical_json(evidence.canonical()) == (
        b'{"analgesics":{"baseline":"60/1","table":null,"trial":null},"entries":['
        b'{"day":"2026-03-02","kind":"average","phase":"baseline","region":"target","source":null,"value":"7/1"},'
        b'{"day":"2026-03-10","kind":"average","phase":"trial","region":"target","source":null,"value":"3/1"}],'
        b'"format":"sctrial.evidence/1","protocol":{"baseline_window":"whole-phase","scale":"numeric_0_10",'
        b'"several":"mean","trial_window":"whole-phase"},"satisfied":true}'
    )


def test_everything_that_could_change_a_verdict_changes_the_digest() -> None:
    plain = evidence_of("7 7", "3 3")
    others = [
        evidence_of("7 7", "3 4"),
        evidence_of("7 7", "3 3 3"),
        evidence_of("7 7", "3 3", satisfied=True),
        evidence_of("7 7", "3 3", mme=(60, None)),
        evidence_of("7 7", "3 3", under=protocol(trial="last-n-days:3")),
        evidence_of("7 7", "3 3", under=protocol(several=Several.LAST)),
        evidence_of("7 7", "3 3", under=protocol(scale=ScaleCode.NRS_11)),
    ]

    assert len({plain.digest, *(other.digest for other in others)}) == 1 + len(others)


def test_a_score_off_the_declared_scale_is_refused() -> None:
    with pytest.raises(OffScale, match=r"7\.5 is finer than"):
        evidence_of("7.5", "3", under=protocol(scale=ScaleCode.NRS_11))


def test_a_negative_dose_is_refused() -> None:
    with pytest.raises(OffScale, match="below 0"):
        evidence_of("7", "3", mme=(-1, 0))


@pytest.mark.parametrize(("region", "source"), [(" ", None), ("target", "")])
def test_a_blank_region_or_source_is_refused(region: str, source: str | None) -> None:
    entry = Entry(date(2026, 1, 1), DiaryPhase.TRIAL, region, ScoreKind.AVERAGE, F(3), source)

    with pytest.raises(ValueError, match="blank region or source"):
        Evidence(protocol(), (entry,))


# fmt: off
NOT_EVIDENCE = [
    ("format",     "sctrial.evidence/9", "evidence: format: is none of 'sctrial.evidence/1'"),
    ("format",     "sctrial.evidence/2", "evidence: facts: must be a table"),
    ("mood",       "good",               "evidence: mood: is not known here"),
    ("satisfied",  "yes",                "evidence: satisfied: must be true or false"),
    ("analgesics", None,                 "evidence: analgesics: must be a table"),
    ("entries",    [{"day": "x"}],       "evidence: entries[0].day: 'x' is not a date"),
]
# fmt: on


@pytest.mark.parametrize(("key", "value", "message"), NOT_EVIDENCE)
def test_what_is_not_evidence_is_refused_with_the_key(key: str, value: object, message: str) -> None:
    with pytest.raises(DocumentError) as error:
        evidence_from_canonical({**evidence_of("7", "3").canonical(), key: value})

    assert str(error.value).startswith(message)


def test_a_window_that_is_none_is_refused_with_the_key() -> None:
    content = evidence_of("7", "3").canonical()
    content["protocol"] = {**content["protocol"], "trial_window": "last-3"}  # type: ignore[dict-item]

    with pytest.raises(DocumentError, match=r"protocol\.trial_window: 'last-3' is not a window"):
        evidence_from_canonical(content)


def test_entries_without_source_stay_apart_from_days() -> None:
    twice = evidence_of("7,7", "3")

    assert len(twice.entries) == 3
    assert twice.entries[0].day + timedelta(days=8) == twice.entries[2].day


class TestWhoAnswered:
    """A caregiver's and a transcribed answer are named in the evidence; the patient's own is not."""

    def given_by(self, originator: Originator | None) -> Evidence:
        plain = evidence_of("7", "3")
        first, *rest = plain.entries
        return replace(plain, entries=(replace(first, originator=originator), *rest))

    @pytest.mark.parametrize("originator", list(Originator))
    def test_it_is_part_of_the_digest_and_survives_the_canonical_form(self, originator: Originator) -> None:
        evidence = self.given_by(originator)
        content = json.loads(canonical_json(evidence.canonical()))

        assert content["format"] == FORMAT_WITH_ORIGINATORS == "sctrial.evidence/3"
        assert [entry.get("originator") for entry in content["entries"]] == [originator.value, None]
        assert evidence_from_canonical(content) == evidence
        assert evidence.digest != evidence_of("7", "3").digest

    def test_a_diary_of_the_patient_alone_keeps_the_digest_it_always_had(self) -> None:
        assert self.given_by(None).digest == evidence_of("7", "3").digest

    def test_the_newer_form_without_an_originator_is_refused_so_that_one_evidence_has_one_digest(
        self,
    ) -> None:
        content = {**evidence_of("7", "3").canonical(), "format": FORMAT_WITH_ORIGINATORS}

        with pytest.raises(DocumentError, match="no entry names an originator"):
            evidence_from_canonical(content)

    def test_an_earlier_form_with_an_originator_is_refused(self) -> None:
        content = {**self.given_by(Originator.PROXY).canonical(), "format": FORMAT_WITHOUT_FACTS}

        with pytest.raises(DocumentError, match="originator: is not known here"):
            evidence_from_canonical(content)
