"""Which trials a question means, and for whom."""

from datetime import UTC, date, datetime

import pytest

from apps.accounts.models import Clinic, Role, User
from apps.cohorts.question import BadQuestion, read_question
from apps.cohorts.selectors import trials_of
from apps.patients.models import Diagnosis
from apps.trials.models import ProgramInterval, StimulationTrial
from apps.workspace.permissions import Access, read_access
from tests.factories import make_trial
from tests.factories.stimulation import make_stimulator

NOW = datetime(2026, 10, 12, tzinfo=UTC)


def found(text: str, clinic: Clinic) -> set[StimulationTrial]:
    return set(trials_of(read_question(text), access=Access({clinic.pk: Role.ANALYST})))


@pytest.fixture
def scs(clinic: Clinic) -> StimulationTrial:
    """Placed on 8 October, M96.1, a program at 10 kHz, the invented stimulator."""
    trial = make_trial(clinic=clinic)
    make_stimulator(trial)
    ProgramInterval.objects.create(trial=trial, name="A", waveform="hf10", started_on=date(2026, 10, 8))
    diagnose(trial, "M96.1")
    return trial


@pytest.fixture
def repeat(clinic: Clinic, scs: StimulationTrial) -> StimulationTrial:
    return make_trial(
        clinic=clinic,
        patient=scs.patient,
        repeat_number=2,
        modality="DRG",
        scale="vas_100",
        diary_from=date(2026, 11, 1),
        lead_placed_on=date(2026, 11, 8),
    )


@pytest.fixture
def referred(clinic: Clinic) -> StimulationTrial:
    return make_trial(clinic=clinic, lead_placed_on=None, phase="referred")


def diagnose(trial: StimulationTrial, code: str, **more: object) -> Diagnosis:
    facts = {"body_region": "low_back", "recorded_by": "staff:1", "recorded_at": NOW} | more
    return Diagnosis.objects.create(patient=trial.patient, code=code, **facts)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", {"scs", "repeat", "referred"}),
        ("from=2026-10-08&to=2026-10-08", {"scs"}),
        ("from=2026-10-09", {"repeat"}),
        ("to=2026-12-31", {"scs", "repeat"}),
        ("modality=DRG", {"repeat"}),
        ("scale=vas_100", {"repeat"}),
        ("order=first", {"scs", "referred"}),
        ("order=repeat", {"repeat"}),
        # A diagnosis is the patient's: it holds for each of their trials.
        ("diagnosis=M96", {"scs", "repeat"}),
        ("diagnosis=M54", set()),
        ("waveform=hf10", {"scs"}),
        ("waveform=tonic", set()),
        ("device=invented one", {"scs"}),
        ("device=invented", set()),
        # Under which rule set a trial is told leaves none out.
        ("rule_set=NICE_TA159", {"scs", "repeat", "referred"}),
    ],
)
def test_a_question_means_these_trials(
    text: str,
    names: set[str],
    clinic: Clinic,
    scs: StimulationTrial,
    repeat: StimulationTrial,
    referred: StimulationTrial,
) -> None:
    trials = {"scs": scs, "repeat": repeat, "referred": referred}

    assert found(text, clinic) == {trials[name] for name in names}


def test_a_diagnosis_that_was_taken_back_counts_no_more(clinic: Clinic, scs: StimulationTrial) -> None:
    diagnose(scs, "M54.5", supersedes=Diagnosis.objects.get(code="M96.1"), reason="typed wrongly")

    assert found("diagnosis=M96.1", clinic) == set()
    assert found("diagnosis=M54.5", clinic) == {scs}


@pytest.mark.parametrize("who", ["analyst", "clinician", "site_admin"])
def test_these_see_the_trials_of_their_clinic(
    who: str, request: pytest.FixtureRequest, clinic: Clinic, other_clinic: Clinic
) -> None:
    own = make_trial(clinic=clinic)
    make_trial(clinic=other_clinic)

    assert set(trials_of(read_question(""), access=read_access(request.getfixturevalue(who)))) == {own}


@pytest.mark.parametrize("who", ["coordinator", "nobody"])
def test_these_see_no_cohort(who: str, request: pytest.FixtureRequest, clinic: Clinic) -> None:
    make_trial(clinic=clinic)

    assert not trials_of(read_question(""), access=read_access(request.getfixturevalue(who)))


def test_a_clinic_of_others_cannot_be_asked_for(analyst: User, other_clinic: Clinic) -> None:
    with pytest.raises(BadQuestion, match="not among the clinics that you may read"):
        trials_of(read_question(f"clinic={other_clinic.pk}"), access=read_access(analyst))


def test_a_rule_set_that_nobody_knows_is_refused_with_those_that_are(analyst: User) -> None:
    with pytest.raises(BadQuestion, match=r"rule_set: is not known; write one of .*MAC_NORIDIAN"):
        trials_of(read_question("rule_set=UNHEARD_OF"), access=read_access(analyst))
