"""One row behind every address of the service, in one clinic: what a matrix of routes is tried against."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Model

from apps.accounts.ceremony import Challenge, Presented, microseconds
from apps.accounts.enrolling import enrol_passkey
from apps.accounts.keys import issue_key
from apps.accounts.models import EMERGENCY_FOR, ApiKey, Clinic, EmergencyAccess, Role, User
from apps.accounts.passkeys import Passkey, options_to_make, passkeys_of
from apps.audit.services import record
from apps.diary.models import (
    ConsentEvent,
    CorrectionRequest,
    DiaryAnswer,
    DiaryImport,
    ParkedAnswer,
    Reminder,
    ReminderPolicy,
)
from apps.outcomes.deciding import sign_decision
from apps.outcomes.services import assess
from apps.patients.models import Diagnosis, PainRegions, PriorAuthorisation
from apps.patients.services import keep
from apps.trials.models import StimulationTrial
from sctrial.choices import Choice
from tests.apps.workspace.busy import make_busy
from tests.factories import (
    make_entries,
    make_implant,
    make_patient,
    make_proposal,
    make_review,
    make_staff,
    make_therapy,
    make_trial,
)
from tests.factories.authenticator import SoftAuthenticator
from tests.factories.before import ACT
from tests.factories.cohorts import (
    make_export,
    make_kept_snapshot,
    make_outcome_table,
    make_report_job,
    make_schedule_row,
)
from tests.factories.deciding import hand_of, make_waiting
from tests.factories.imports import make_import_proposal

#: Addresses of what was signed, which a running trial has nothing behind.
OF_THE_SIGNED = ("decision/", "countersign/", "reopen/")


def make_every_row(clinic: Clinic) -> dict[str, Any]:
    """What stands for the parts of an address, by their names."""
    trial = running(clinic)
    device = make_busy(trial)
    clinician = make_staff(f"signer of {clinic.pk}", clinic=clinic, role=Role.CLINICIAN)
    signed = decided(clinic, by=clinician)
    diagnosis = add_what_was_before(trial)
    snapshot = make_kept_snapshot(clinic)
    add_what_the_service_keeps(trial)
    record(
        action="look", object_type="t", object_id=1, by="staff:1", at=trial.created_at, clinic_id=clinic.pk
    )
    return {
        "trial": trial,
        "signed": signed,
        "signature": signed.decisions.get().signatures.get().pk,
        "rule set": make_proposal(clinic).pk,
        "proposed import": make_import_proposal(clinic).pk,
        "device_id": device.pk,
        "to": "ended",
        "what": "diagnosis",
        "row": diagnosis.pk,
        "user_id": clinician.pk,
        "clinic_id": clinic.pk,
        "place_id": clinician.memberships.get().pk,
        "sealed_link": "made-up",
        "sealed_offer": "made-up",
        "key_id": key_of(clinician).pk,
        "passkey_id": passkey_of(clinician).pk,
        "access_id": emergency_of(clinic, reader=clinician).pk,
        "task": trial.tasks.earliest("pk").pk,
        "parked": ParkedAnswer.objects.filter(trial=trial).earliest("pk").pk,
        "correction": CorrectionRequest.objects.filter(trial=trial).earliest("pk").pk,
        "entry_id": trial.entries.earliest("pk").pk,
        "of": "entry",
        "revised": trial.entries.earliest("pk").pk,
        "answer_id": DiaryAnswer.objects.filter(trial=trial).earliest("pk").pk,
        "correction_id": CorrectionRequest.objects.filter(trial=trial).earliest("pk").pk,
        "snapshot_id": snapshot.pk,
        "export_id": make_export(snapshot, person=clinician).pk,
        "report_id": make_report_job(clinic, person=clinician).pk,
        "schedule_id": make_schedule_row(clinic, person=clinician).pk,
        "name": "trials",
        "ending": "csv",
        "table_id": make_outcome_table(clinic).pk,
        "audience": "clinic",
        "kind": "json",
        "key": "responders",
        "consent_id": ConsentEvent.objects.filter(trial=trial).earliest("pk").pk,
    }


def key_of(user: User) -> ApiKey:
    return issue_key(user, name="R", scopes=["snapshots.read"], days=7, at=datetime.now(UTC)).row


def passkey_of(user: User) -> Passkey:
    challenge = Challenge("00" * 32, microseconds(datetime.now(UTC)))
    answer = SoftAuthenticator().make(options_to_make(user, challenge.bytes_for({})))
    enrol_passkey(user, Presented(answer, challenge, {}), name="key", known=[], at=datetime.now(UTC))
    return passkeys_of(user)[0]


def emergency_of(clinic: Clinic, *, reader: User) -> EmergencyAccess:
    """The row alone: an address asks for no more."""
    at = datetime.now(UTC)
    said = {"reason_code": "patient_here", "reason": "in our emergency room"}
    return EmergencyAccess.objects.create(
        user=reader, clinic=clinic, opened_at=at, until=at + EMERGENCY_FOR, **said
    )


def running(clinic: Clinic) -> StimulationTrial:
    today = datetime.now(UTC).date()
    first = today - timedelta(days=12)
    trial = make_trial(
        clinic=clinic,
        patient=make_patient(clinic=clinic, zone="UTC"),
        diary_from=first,
        lead_placed_on=first + timedelta(days=7),
        planned_end_on=today + timedelta(days=2),
    )
    make_entries(trial, {str(first + timedelta(days=n)): 5 for n in range(10)})
    assess(trial.pk, at=datetime.now(UTC))
    trial.refresh_from_db()
    return trial


def decided(clinic: Clinic, *, by: User) -> StimulationTrial:
    waiting = make_waiting(clinic)
    sign_decision(waiting, choice=Choice.IMPLANT, hand=hand_of(by, trial=waiting), reason_code="", reason="")
    return StimulationTrial.objects.get(pk=waiting.pk)


def add_what_was_before(trial: StimulationTrial) -> Diagnosis:
    """One row of each kind; the diagnosis is the one that addresses of rows name."""
    patient = trial.patient
    make_therapy(patient)
    make_review(patient)
    keep(PainRegions, patient, values={"regions": ["low_back"]}, act=ACT)
    authorisation = {"number": "1", "payer": "Made up", "expires_on": date(2027, 1, 1)}
    keep(PriorAuthorisation, patient, values=authorisation, act=ACT)
    return keep(Diagnosis, patient, values={"code": "M96.1", "body_region": "low_back"}, act=ACT)


def add_what_the_service_keeps(trial: StimulationTrial) -> None:
    at = trial.created_at
    facts = {"window_no": 1, "step": "open", "channel": "console"}
    Reminder.objects.create(trial=trial, claimed_at=at, diary_day=trial.diary_from, **facts)
    ReminderPolicy.objects.create(clinic=trial.clinic)
    file = {"file_name": "made-up.csv", "file_sha256": "0" * 64, "mapping": "", "report": {}}
    DiaryImport.objects.create(trial=trial, imported_at=at, imported_by="staff:1", **file)
    make_implant(trial)


#: Not everybody who may read answers may read a note.
PLAIN: dict[type[Model], dict[str, Any]] = {DiaryAnswer: {"question": "sleep"}}


def row_at(model: type[Model], clinic: Clinic) -> Any:
    """The first row of this kind that is the clinic's."""
    path = getattr(admin.site.get_model_admin(model), "clinic_path", "")
    # The lookup comes from the source.
    return model._default_manager.filter(**{path: clinic.pk}, **PLAIN.get(model, {})).earliest("pk")
