"""Reading about a patient leaves a trace, and so does being refused; neither holds what was read."""

import pytest
from django.test import Client

from apps.accounts.models import Clinic, Role, User
from apps.audit.models import AuditEvent
from apps.trials.models import StimulationTrial
from tests.apps.workspace.conftest import Visit
from tests.factories import make_patient, make_staff, make_trial

TRIALS = "/staff/trials/stimulationtrial/"
PATIENTS = "/staff/patients/patient/"
AUDIT = "/staff/audit/auditevent/"

Seen = tuple[str, str, str, int | None]


def events() -> list[Seen]:
    rows = AuditEvent.objects.filter(action__in=("look", "refused")).order_by("id")
    return list(rows.values_list("action", "object_type", "object_id", "clinic_id"))


def test_a_page_about_a_patient_leaves_one_look(
    coordinator: User, as_staff: Visit, trial: StimulationTrial, clinic: Clinic
) -> None:
    client = as_staff(coordinator)

    client.get(f"{TRIALS}{trial.pk}/change/")
    client.get(f"{TRIALS}{trial.pk}/history/")
    client.get(f"{PATIENTS}{trial.patient_id}/change/")

    assert events() == [
        ("look", "stimulationtrial", str(trial.pk), clinic.pk),
        ("look", "stimulationtrial", str(trial.pk), clinic.pk),
        ("look", "patient", str(trial.patient_id), clinic.pk),
    ]
    assert set(AuditEvent.objects.filter(action="look").values_list("actor", flat=True)) == {
        f"staff:{coordinator.pk}"
    }


def test_a_list_leaves_one_look_for_each_clinic_that_it_shows(
    coordinator: User, as_staff: Visit, trial: StimulationTrial, clinic: Clinic
) -> None:
    other = Clinic.objects.create(name="Other")
    other.memberships.create(user=coordinator, role=Role.COORDINATOR)

    as_staff(coordinator).get(TRIALS)
    as_staff(coordinator).get("/staff/")

    kinds = ("stimulationtrial", "worklist")
    assert events() == [("look", kind, "", of) for kind in kinds for of in sorted([clinic.pk, other.pk])]


def test_what_was_searched_for_is_not_kept(
    coordinator: User, as_staff: Visit, trial: StimulationTrial
) -> None:
    as_staff(coordinator).get(f"{PATIENTS}?q=Mustermann")

    (event,) = AuditEvent.objects.filter(action="look")
    assert event.detail == {"rows": 0}
    assert "Mustermann" not in str(AuditEvent.objects.values_list())


def test_pages_without_a_patient_leave_none(as_staff: Visit, clinic: Clinic) -> None:
    client = as_staff(make_staff("admin", clinic=clinic, role=Role.SITE_ADMIN))

    for page in ("/staff/accounts/clinic/", f"/staff/accounts/clinic/{clinic.pk}/change/", "/staff/login/"):
        client.get(page)

    assert events() == []


def test_a_look_at_another_clinics_row_is_a_refusal_in_no_clinics_trail(
    as_staff: Visit, trial: StimulationTrial
) -> None:
    elsewhere = make_staff("away", clinic=Clinic.objects.create(name="Other"), role=Role.CLINICIAN)

    response = as_staff(elsewhere).get(f"{TRIALS}{trial.pk}/change/")

    assert response.status_code == 404
    assert events() == [("refused", "trials_stimulationtrial_change", str(trial.pk), None)]
    assert AuditEvent.objects.get(action="refused").actor == f"staff:{elsewhere.pk}"


def test_an_act_that_a_role_does_not_have_is_a_refusal(
    as_staff: Visit, trial: StimulationTrial, clinic: Clinic
) -> None:
    response = as_staff(make_staff("counts", clinic=clinic, role=Role.ANALYST)).post(
        f"{TRIALS}{trial.pk}/pairing-code/"
    )

    assert response.status_code == 403
    assert events() == [("refused", "trial_pairing_code", str(trial.pk), None)]


@pytest.mark.parametrize(
    ("role", "sees"),
    [(Role.SITE_ADMIN, {"own", "other"}), (Role.COORDINATOR, {"own"}), (Role.CLINICIAN, {"own"})],
)
def test_who_looked_is_for_the_site_admin_and_for_oneself(
    as_staff: Visit, clinic: Clinic, role: Role, sees: set[str]
) -> None:
    trial = make_trial(clinic=clinic, patient=make_patient(clinic=clinic))
    own = make_staff("own", clinic=clinic, role=role)
    other = make_staff("other", clinic=clinic, role=Role.CLINICIAN)
    for person in (own, other):
        as_staff(person).get(f"{TRIALS}{trial.pk}/change/")

    page = listed(as_staff(own))

    assert {name for name in ("own", "other") if f">{name}, " in page} == sees


def listed(client: Client) -> str:
    return client.get(f"{AUDIT}?action=look").content.decode()
