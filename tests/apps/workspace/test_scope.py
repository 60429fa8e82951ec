"""Clinic scope: rows of another clinic answer exactly as rows that do not exist."""

import uuid
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client

from apps.accounts.models import Role, User
from apps.audit.models import AuditEvent
from apps.diary.models import (
    ConsentEvent,
    CorrectionRequest,
    DiaryAnswer,
    DiaryEntry,
    ParkedAnswer,
    Reminder,
    ReminderPolicy,
    StaffTask,
)
from apps.outcomes.models import Assessment, Evidence
from apps.patients.models import Patient, PatientIdentity
from apps.trials.models import StimulationTrial
from apps.workspace.worklist import KINDS
from tests.apps.workspace.busy import make_busy
from tests.apps.workspace.conftest import Visit, today
from tests.factories import make_device, make_patient, make_staff, make_trial

TRIALS = "/staff/trials/stimulationtrial/"
OF_THE_DIARY = (DiaryAnswer, ParkedAnswer, CorrectionRequest, ConsentEvent, Reminder, StaffTask)
READ_ONLY = (DiaryEntry, Evidence, Assessment, AuditEvent, *OF_THE_DIARY)
BY_UUID = (StimulationTrial, DiaryEntry, DiaryAnswer, ParkedAnswer, CorrectionRequest, ConsentEvent)
# Whoever may read the trial is told no; to whoever may not, it does not exist.
NOT_THEIRS = {"clinician": 403, "analyst": 403, "stranger": 404, "nobody": 404}
SCOPED = (StimulationTrial, Patient, *READ_ONLY)


@pytest.fixture
def trial(trial: StimulationTrial) -> StimulationTrial:
    """With a row of every kind."""
    make_busy(trial)
    facts = {"diary_day": today(), "window_no": 1, "step": "open", "channel": "console"}
    Reminder.objects.create(trial=trial, claimed_at=trial.created_at, **facts)
    ReminderPolicy.objects.create(clinic=trial.clinic)
    return trial


def row_of(model: type[Model], trial: StimulationTrial) -> Any:
    if model is StimulationTrial:
        return trial
    if model is Patient:
        return trial.patient
    return model._default_manager.first()


def address(model: type[Model], pk: object, page: str = "change") -> str:
    return f"/staff/{model._meta.app_label}/{model._meta.model_name}/{pk}/{page}/"


def drawn(client: Client, url: str) -> dict[str, str]:
    """What the page says it was drawn from; nothing where there is no page to see."""
    context = client.get(url).context or {}
    return {"drawn_from": context.get("drawn_from", "")}


def unknown(model: type[Model]) -> object:
    return uuid.uuid4() if model in BY_UUID else 987_654_321


def bodies_match(client: Client, method: str, foreign: str, missing: str, **data: Any) -> bool:
    one, other = (getattr(client, method)(url, data) for url in (foreign, missing))
    return (one.status_code, one.content) == (other.status_code, other.content)


@pytest.mark.parametrize("page", ["change", "history", "delete"])
@pytest.mark.parametrize("model", SCOPED)
def test_a_row_of_another_clinic_answers_as_one_that_does_not_exist(
    trial: StimulationTrial, stranger: User, as_staff: Visit, model: type[Model], page: str
) -> None:
    client = as_staff(stranger)
    foreign, missing = (address(model, pk, page) for pk in (row_of(model, trial).pk, unknown(model)))

    assert client.get(foreign).status_code in (403, 404)
    assert bodies_match(client, "get", foreign, missing)
    assert bodies_match(client, "post", foreign, missing, phase="cancelled")


@pytest.mark.parametrize("model", SCOPED)
def test_a_list_holds_rows_of_the_own_clinics_only(
    request: pytest.FixtureRequest, trial: StimulationTrial, as_staff: Visit, model: type[Model]
) -> None:
    url = f"/staff/{model._meta.app_label}/{model._meta.model_name}/"
    # Before the looks at it: they are events themselves.
    count = model._default_manager.count()

    own, foreign, none = (
        as_staff(request.getfixturevalue(who)).get(url) for who in ("coordinator", "stranger", "nobody")
    )

    assert own.context["cl"].result_count == count
    assert foreign.context["cl"].result_count == 0
    assert none.status_code == 403


def test_the_worklist_of_another_clinic_counts_nothing(
    trial: StimulationTrial, stranger: User, as_staff: Visit
) -> None:
    tables = as_staff(stranger).get("/staff/").context["tables"]

    assert [table.count for table in tables] == [0] * len(KINDS)


@pytest.mark.parametrize("who", ["coordinator", "clinician", "site_admin", "analyst"])
def test_everyone_of_the_clinic_reads_its_trials(
    request: pytest.FixtureRequest, trial: StimulationTrial, as_staff: Visit, who: str
) -> None:
    response = as_staff(request.getfixturevalue(who)).get(address(StimulationTrial, trial.pk))

    assert response.status_code == 200
    assert "49.81 %" in response.content.decode()


def test_a_visitor_is_asked_to_log_in(trial: StimulationTrial, as_staff: Visit) -> None:
    for url in ("/staff/", TRIALS, address(StimulationTrial, trial.pk)):
        response = as_staff(None).get(url)
        assert response.status_code == 302
        assert response["Location"].startswith("/staff/login/")


def test_a_superuser_sees_people_and_clinics_but_no_clinical_row(
    trial: StimulationTrial, db: None, as_staff: Visit
) -> None:
    client = as_staff(User.objects.create_superuser("root", password="correct-horse-battery-staple"))

    assert client.get("/staff/accounts/user/").context["cl"].result_count == User.objects.count()
    assert client.get("/staff/accounts/clinic/").status_code == 200
    assert client.get(TRIALS).status_code == 403
    assert client.get(address(StimulationTrial, trial.pk)).status_code in (403, 404)
    assert str(trial.patient) not in client.get("/staff/").content.decode()


@pytest.mark.parametrize("who", ["coordinator", "clinician", "site_admin", "analyst"])
@pytest.mark.parametrize("model", SCOPED)
def test_nobody_deletes_anything(
    request: pytest.FixtureRequest, trial: StimulationTrial, as_staff: Visit, who: str, model: type[Model]
) -> None:
    client = as_staff(request.getfixturevalue(who))
    before = set(model._default_manager.values_list("pk", flat=True))
    url = address(model, row_of(model, trial).pk, "delete")

    assert client.post(url, {"post": "yes"}).status_code == 403
    assert before <= set(model._default_manager.values_list("pk", flat=True))


def test_no_list_offers_an_action_or_a_delete_link(
    trial: StimulationTrial, coordinator: User, as_staff: Visit
) -> None:
    client = as_staff(coordinator)

    assert all(model_admin.actions is None for model_admin in admin.site._registry.values())
    assert "deletelink" not in client.get(address(StimulationTrial, trial.pk)).content.decode()


@pytest.mark.parametrize("model", READ_ONLY)
@pytest.mark.parametrize("who", ["coordinator", "clinician", "site_admin"])
def test_what_the_service_recorded_is_read_only(
    request: pytest.FixtureRequest, trial: StimulationTrial, as_staff: Visit, who: str, model: type[Model]
) -> None:
    client = as_staff(request.getfixturevalue(who))
    url = address(model, row_of(model, trial).pk)

    assert client.get(url).status_code == 200
    assert client.post(url, {"value": 0, "answer": "met"}).status_code == 403
    assert client.get(f"/staff/{model._meta.app_label}/{model._meta.model_name}/add/").status_code == 403


@pytest.mark.parametrize("model", [*OF_THE_DIARY[1:], ReminderPolicy])
def test_an_analyst_sees_nothing_that_stands_near_a_person(
    trial: StimulationTrial, analyst: User, as_staff: Visit, model: type[Model]
) -> None:
    client = as_staff(analyst)

    assert client.get(f"/staff/{model._meta.app_label}/{model._meta.model_name}/").status_code == 403
    assert client.get(address(model, row_of(model, trial).pk)).status_code in (403, 404)


@pytest.mark.parametrize(
    ("who", "reads"), {"coordinator": 1, "clinician": 1, "site_admin": 0, "analyst": 0}.items()
)
def test_a_note_is_a_row_only_for_those_who_treat_the_patient(
    request: pytest.FixtureRequest, trial: StimulationTrial, as_staff: Visit, who: str, reads: int
) -> None:
    client = as_staff(request.getfixturevalue(who))
    note = DiaryAnswer.objects.get(question="note")

    listed = client.get("/staff/diary/diaryanswer/?question__exact=note").context["cl"].result_count

    assert listed == reads
    assert (client.get(address(DiaryAnswer, note.pk)).status_code == 200) is bool(reads)


@pytest.mark.parametrize(
    ("who", "expected"),
    {"site_admin": 302, "coordinator": 403, "clinician": 403, "analyst": 403, "stranger": 403}.items(),
)
def test_who_may_set_how_a_clinic_reminds(
    request: pytest.FixtureRequest, trial: StimulationTrial, as_staff: Visit, who: str, expected: int
) -> None:
    client = as_staff(request.getfixturevalue(who))
    policy = ReminderPolicy.objects.get()
    url = address(ReminderPolicy, policy.pk)
    sent = {"quiet_from": "21:00", "quiet_to": "09:00", "most_a_day": "2"}

    assert client.post(url, sent | drawn(client, url)).status_code == expected

    policy.refresh_from_db()
    assert (policy.most_a_day, policy.is_on) == ((2, False) if expected == 302 else (3, True))


def test_a_fourth_reminder_a_day_is_refused(
    trial: StimulationTrial, site_admin: User, as_staff: Visit
) -> None:
    sent = {"quiet_from": "21:00", "quiet_to": "09:00", "most_a_day": "4"}
    url = address(ReminderPolicy, ReminderPolicy.objects.get().pk)
    client = as_staff(site_admin)

    assert client.post(url, sent | drawn(client, url)).status_code == 200
    assert ReminderPolicy.objects.get().most_a_day == 3


def test_a_reminder_policy_is_added_for_the_own_clinic_once(
    trial: StimulationTrial, site_admin: User, other_clinic: Any, as_staff: Visit
) -> None:
    client = as_staff(site_admin)
    sent = {"quiet_from": "21:00", "quiet_to": "09:00", "most_a_day": "2"}

    for clinic in (trial.clinic, other_clinic):
        response = client.post("/staff/diary/reminderpolicy/add/", sent | {"clinic": clinic.pk})
        assert response.status_code == 200, "neither a second one nor another clinic's"

    assert ReminderPolicy.objects.count() == 1


@pytest.mark.parametrize("who", ["site_admin", "analyst"])
def test_who_may_only_read_cannot_change_a_trial(
    request: pytest.FixtureRequest, trial: StimulationTrial, as_staff: Visit, who: str
) -> None:
    client = as_staff(request.getfixturevalue(who))

    assert client.post(address(StimulationTrial, trial.pk), {"phase": "cancelled"}).status_code == 403
    assert client.get(f"{TRIALS}add/").status_code == 403
    assert "_save" not in client.get(address(StimulationTrial, trial.pk)).content.decode()


def test_an_analyst_sees_neither_names_nor_free_text(
    trial: StimulationTrial, coordinator: User, analyst: User, as_staff: Visit
) -> None:
    PatientIdentity.objects.create(patient=trial.patient, full_name="Invented Person")
    trial.adverse_events.create(
        onset_on=trial.diary_from, code="fall", severity="mild", description="told by a neighbour"
    )
    pages = (address(Patient, trial.patient_id), address(StimulationTrial, trial.pk))

    read = "".join(as_staff(coordinator).get(page).content.decode() for page in pages)
    hidden = "".join(as_staff(analyst).get(page).content.decode() for page in pages)

    assert "Invented Person" in read
    assert "told by a neighbour" in read
    assert "Invented Person" not in hidden
    assert "told by a neighbour" not in hidden


def test_an_analyst_cannot_find_a_patient_by_name(
    trial: StimulationTrial, analyst: User, coordinator: User, as_staff: Visit
) -> None:
    PatientIdentity.objects.create(patient=trial.patient, full_name="Invented Person")
    found = {
        user.username: as_staff(user).get("/staff/patients/patient/?q=Invented").context["cl"].result_count
        for user in (coordinator, analyst)
    }

    assert found == {"coordinator": 1, "analyst": 0}


@pytest.mark.parametrize(
    "lookup", ["patient__identity__full_name__startswith", "devices__token_sha256__startswith"]
)
def test_a_list_cannot_be_asked_about_rows_that_it_does_not_show(
    trial: StimulationTrial, analyst: User, as_staff: Visit, lookup: str
) -> None:
    assert as_staff(analyst).get(f"{TRIALS}?{lookup}=I").status_code == 400


def test_only_own_patients_are_offered_for_a_new_trial(
    trial: StimulationTrial, coordinator: User, stranger: User, as_staff: Visit
) -> None:
    query = "/staff/autocomplete/?app_label=trials&model_name=stimulationtrial&field_name=patient&term="

    assert [row["text"] for row in as_staff(coordinator).get(query).json()["results"]] == [str(trial.patient)]
    assert as_staff(stranger).get(query).json()["results"] == []


def test_a_trial_cannot_be_given_to_another_clinics_patient(
    trial: StimulationTrial, stranger: User, as_staff: Visit
) -> None:
    response = as_staff(stranger).post(f"{TRIALS}add/", {"patient": trial.patient_id})

    assert "There is no such patient here" in response.content.decode()
    assert StimulationTrial.objects.count() == 1


def test_a_role_in_one_clinic_gives_nothing_in_the_next(
    trial: StimulationTrial, other_clinic: Any, as_staff: Visit
) -> None:
    """Coordinator there, analyst here: the trial is read here, and not changed."""
    user = make_staff("both", clinic=other_clinic, role=Role.COORDINATOR)
    user.memberships.create(clinic=trial.clinic, role=Role.ANALYST.value)
    client = as_staff(user)

    assert client.get(address(StimulationTrial, trial.pk)).status_code == 200
    assert client.post(address(StimulationTrial, trial.pk), {"phase": "cancelled"}).status_code == 403


def test_the_shortcut_that_looks_rows_up_without_a_scope_is_gone(
    trial: StimulationTrial, stranger: User, as_staff: Visit
) -> None:
    assert as_staff(stranger).get(f"/staff/r/1/{trial.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("who", "expected"),
    {**NOT_THEIRS, "coordinator": 200, "site_admin": 200}.items(),
)
def test_who_may_issue_a_pairing_code(
    request: pytest.FixtureRequest, trial: StimulationTrial, as_staff: Visit, who: str, expected: int
) -> None:
    client = as_staff(request.getfixturevalue(who))
    codes = trial.pairing_codes.count()

    assert client.post(f"{TRIALS}{trial.pk}/pairing-code/").status_code == expected
    assert trial.pairing_codes.count() == codes + (expected == 200)


@pytest.mark.parametrize(
    ("who", "expected"),
    {**NOT_THEIRS, "coordinator": 302, "site_admin": 302}.items(),
)
def test_who_may_revoke_a_phone(
    request: pytest.FixtureRequest, trial: StimulationTrial, as_staff: Visit, who: str, expected: int
) -> None:
    device, _ = make_device(trial)
    client = as_staff(request.getfixturevalue(who))

    response = client.post(f"{TRIALS}{trial.pk}/phones/{device.pk}/revoke/", {"reason": "lost"})

    device.refresh_from_db()
    assert response.status_code == expected
    assert (device.revoked_at is not None) is (expected == 302)


def test_a_phone_of_another_trial_is_not_found_here(
    trial: StimulationTrial, other_clinic: Any, coordinator: User, as_staff: Visit
) -> None:
    device, _ = make_device(make_trial(clinic=other_clinic, patient=make_patient(clinic=other_clinic)))

    url = f"{TRIALS}{trial.pk}/phones/{device.pk}/revoke/"

    assert as_staff(coordinator).post(url, {"reason": "lost"}).status_code == 404
