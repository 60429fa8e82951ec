"""The history of a row names people with the role of that moment, phones and jobs."""

from datetime import UTC, datetime

import pytest

from apps.accounts.models import Clinic, Role, User
from apps.audit.acting import acting_as
from apps.audit.history import Line
from apps.trials.models import StimulationTrial
from apps.workspace.actors import role_at, told
from tests.apps.workspace.conftest import Visit
from tests.factories import make_device, make_staff

MARCH, MAY, JULY = (datetime(2026, month, 1, tzinfo=UTC) for month in (3, 5, 7))
SPANS = [(MARCH, "coordinator"), (MAY, "clinician")]


def line(who: str) -> Line:
    return Line(MAY, who, "trial", "changed", "goal", "–", "walk")


@pytest.mark.parametrize(
    ("spans", "at", "role"),
    [
        (SPANS, MARCH, "coordinator"),
        (SPANS, JULY, "clinician"),
        ([(MAY, "clinician")], MARCH, "clinician"),
        ([(MARCH, "clinician"), (MAY, "")], JULY, ""),
        ([], JULY, ""),
    ],
)
def test_a_role_is_that_of_the_moment(spans: list[tuple[datetime, str]], at: datetime, role: str) -> None:
    assert role_at(spans, at) == role


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("actor", "words"),
    [
        ("job:outcomes.assess_trials", "the job that makes verdicts"),
        ("job:diary.sweep_codes", "the job “diary.sweep codes”"),
        ("service", "the service itself"),
        ("enrolment", "enrolment"),
    ],
)
def test_what_is_no_person_is_told_in_plain_words(clinic: Clinic, actor: str, words: str) -> None:
    assert [one.who for one in told([line(actor)], clinic=clinic.pk)] == [words]


@pytest.mark.django_db
def test_a_phone_is_the_patients_or_a_caregivers(trial: StimulationTrial) -> None:
    own, _ = make_device(trial)

    assert [one.who for one in told([line(f"device:{own.pk}")], clinic=None)] == ["the patient's phone"]


@pytest.mark.django_db
def test_the_history_page_names_the_person_with_the_role(
    trial: StimulationTrial, clinic: Clinic, coordinator: User, as_staff: Visit
) -> None:
    dora = make_staff("dora", clinic=clinic, role=Role.CLINICIAN)
    with acting_as(f"staff:{dora.pk}"):
        StimulationTrial.objects.filter(pk=trial.pk).update(goal="walk to the bakery")

    page = as_staff(coordinator).get(f"/staff/trials/stimulationtrial/{trial.pk}/history/").content.decode()

    assert "<td>dora, Clinician</td>" in page
    assert f"<td>staff:{dora.pk}</td>" not in page
