"""With the identity goes what leads to the person: phones, invitations, addresses; or nothing does."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from apps.accounts.models import Clinic
from apps.audit.models import AuditEvent
from apps.audit.reasons import Why
from apps.diary.erasing import Erasing, erase_patient, open_invitations, why_no_phone, why_not_erased
from apps.diary.models import PairingCode, PatientDevice
from apps.diary.pairing import issue_invitation, pair_phone
from apps.diary.schemas import PairingBody
from apps.diary.staff_acts import Act as StaffAct
from apps.diary.staff_acts import Refused, Told, transcribe
from apps.patients.erased import Erased
from apps.patients.erasing import CannotErase, tombstone_of
from apps.patients.models import Diagnosis, PatientIdentity
from apps.patients.selectors import standing
from apps.patients.services import Act, CannotKeep, keep
from apps.problems import Problem
from apps.row_security import ROLE
from apps.trials.extending import CannotExtend, extend_trial
from apps.trials.models import StimulationTrial
from apps.trials.services import move_trial
from config.postgres.scope import NOTHING, ask_for, of_clinics
from sctrial.phases import CannotMove, Phase
from tests.factories import NOW, make_device, make_entries, make_patient, make_trial

#: A diary is asked of the patient in these; the others wait for staff, or are over.
RUNNING = {Phase.BASELINE_DIARY, Phase.LEAD_PLACED, Phase.TRIAL_ACTIVE}
SUBSCRIPTION = {"endpoint": "https://push.example/made-up", "keys": {"auth": "made-up-auth"}}


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    patient = make_patient(clinic=clinic)
    PatientIdentity.objects.create(patient=patient, full_name="Made-up Max", email="max@example.org")
    return make_trial(clinic=clinic, patient=patient)


@pytest.fixture
def as_the_service(trial: StimulationTrial) -> Iterator[Callable[[], None]]:
    """Call it to be the role that the service connects as, shown the rows of this clinic alone."""

    def become() -> None:
        ask_for(of_clinics([trial.clinic_id]))
        connection.show()  # type: ignore[attr-defined]
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {ROLE}")

    yield become
    ask_for(NOTHING)


def end(trial: StimulationTrial) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(phase=Phase.DECIDED.value)


def erase(trial: StimulationTrial, **changes: Any) -> bool:
    said: dict[str, Any] = {
        "by": "staff:7",
        "at": NOW,
        "reason_code": "asked",
        "words": "letter of 9 October",
    }
    said |= changes
    return erase_patient(Erasing(trial.patient, **said))


def events() -> list[tuple[str, str]]:
    return list(AuditEvent.objects.order_by("id").values_list("action", "object_type"))


def test_a_phone_is_told_that_it_is_revoked(trial: StimulationTrial, client: Client) -> None:
    _, token = make_device(trial)
    held = {"Authorization": f"Bearer {token}"}
    before = client.get("/api/v1/diary/today", headers=held)
    end(trial)
    erase(trial)

    after = client.get("/api/v1/diary/today", headers=held)
    sent = client.post(
        "/api/v1/diary/entries/batch", {"entries": []}, content_type="application/json", headers=held
    )

    assert (before.status_code, after.status_code, sent.status_code) == (200, 401, 401)
    assert after.json()["code"] == sent.json()["code"] == "token_refused"


def test_nothing_of_a_phone_leads_to_its_holder(trial: StimulationTrial) -> None:
    """Of one that was revoked before, too."""
    for _ in range(2):
        make_device(trial)
    PatientDevice.objects.update(
        label="Max's phone", push_subscription=SUBSCRIPTION, remind_by_email=True, remind_by_sms=True
    )
    PatientDevice.objects.filter(pk=PatientDevice.objects.earliest("pk").pk).update(revoked_at=NOW)
    end(trial)

    erase(trial)

    columns = ("label", "push_subscription", "remind_by_push", "remind_by_email", "remind_by_sms")
    assert set(PatientDevice.objects.values_list(*columns)) == {("", None, False, False, False)}
    assert not PatientDevice.objects.filter(revoked_at__isnull=True).exists()
    assert events().count(("revoke", "patient_device")) == 1


def test_an_open_invitation_joins_nobody(trial: StimulationTrial) -> None:
    open_one = issue_invitation(trial, by="staff:1", at=NOW)
    end(trial)

    erase(trial)

    for secret in (open_one.code, open_one.link.partition("=")[2]):
        with pytest.raises(Problem):
            pair_phone(PairingBody(code=secret, label=""), at=NOW)
    assert not open_invitations(trial.patient, at=NOW).exists()
    assert events().count(("withdraw", "pairing_code")) == 1
    assert PairingCode.objects.get().used_at is None
    assert "no phone is invited" in why_no_phone(trial.patient)


def test_the_record_stays_under_the_pseudonym(trial: StimulationTrial) -> None:
    make_entries(trial, {"2026-10-09": 4, "2026-10-10": 3})
    end(trial)
    before = list(trial.entries.order_by("pk").values())

    erase(trial)

    assert list(trial.entries.order_by("pk").values()) == before
    trial.refresh_from_db()
    assert trial.patient.pseudonym.startswith("P-")
    assert PatientDevice.objects.filter(trial=trial).count() == 1


@pytest.mark.parametrize("phase", Phase)
def test_a_running_trial_stands_against_it_and_the_refusal_names_the_remedy(
    trial: StimulationTrial, phase: Phase
) -> None:
    make_device(trial)
    StimulationTrial.objects.filter(pk=trial.pk).update(phase=phase.value)
    refusal = why_not_erased(trial.patient)

    assert bool(refusal) == (phase in RUNNING)
    if refusal:
        assert "End it, cancel it or withdraw the patient on the trial's page first." in refusal
        with pytest.raises(CannotErase, match="is running"):
            erase(trial)
        assert tombstone_of(trial.patient) is None
        assert PatientDevice.objects.filter(revoked_at__isnull=True).count() == 1


def test_without_a_reason_no_phone_is_revoked(trial: StimulationTrial) -> None:
    make_device(trial)
    end(trial)

    with pytest.raises(CannotErase, match="in at least 3 characters"):
        erase(trial, words=" ")

    assert PatientDevice.objects.get().revoked_at is None


def test_a_second_time_nothing_is_done(trial: StimulationTrial) -> None:
    make_device(trial)
    end(trial)

    assert erase(trial)
    done = events()

    assert not erase(trial)
    assert events() == done


@pytest.mark.parametrize("is_known", [True, False], ids=["known", "never recorded"])
def test_the_role_of_the_service_may_do_it_within_the_clinic(
    trial: StimulationTrial, as_the_service: Callable[[], None], is_known: bool
) -> None:
    """Without the rights of the tables' owner: PostgreSQL shows one clinic, and takes its tombstone."""
    make_device(trial)
    issue_invitation(trial, by="staff:1", at=NOW)
    end(trial)
    if not is_known:
        PatientIdentity.objects.all().delete()
    as_the_service()

    assert erase(trial)

    left = tombstone_of(trial.patient)
    assert left is not None
    assert left.full_name == ""
    assert PatientDevice.objects.get().revoked_at == NOW


# --- what an erased patient does not get any more ---


def erased(trial: StimulationTrial, phase: Phase) -> StimulationTrial:
    StimulationTrial.objects.filter(pk=trial.pk).update(phase=Phase.DECIDED.value)
    erase(trial)
    StimulationTrial.objects.filter(pk=trial.pk).update(phase=phase.value)
    trial.refresh_from_db()
    return trial


def test_no_phone_is_invited(trial: StimulationTrial) -> None:
    erased(trial, Phase.REFERRED)

    with pytest.raises(Erased, match="so no phone is invited"):
        issue_invitation(trial, by="staff:1", at=NOW)
    assert not PairingCode.objects.exists()


def test_nothing_is_written_down_for_the_patient(trial: StimulationTrial) -> None:
    erased(trial, Phase.TRIAL_ACTIVE)
    told = Told(id=UUID(int=1), question="target.average", said=4, said_at=NOW, zone="Europe/Berlin")

    with pytest.raises(Refused, match="so nothing more is written down"):
        transcribe(trial, told, reason="rang the clinic", act=StaffAct("staff:1", NOW))
    assert not trial.entries.exists()


@pytest.mark.parametrize("to", [Phase.ELIGIBILITY, Phase.CANCELLED])
def test_the_trial_goes_no_further_and_can_be_cancelled(trial: StimulationTrial, to: Phase) -> None:
    keep(
        Diagnosis, trial.patient, values={"code": "M96.1", "body_region": "low_back"}, act=Act("staff:1", NOW)
    )
    StimulationTrial.objects.filter(pk=trial.pk).update(lead_placed_on=None)
    erased(trial, Phase.REFERRED)

    if to is Phase.CANCELLED:
        assert move_trial(trial, to=to, by="job:test", at=NOW, reason="has left").phase == to
        return
    with pytest.raises(CannotMove, match="was erased, so the trial goes no further"):
        move_trial(trial, to=to, by="job:test", at=NOW)


def test_nothing_is_added_to_the_record_and_what_stands_can_be_corrected(trial: StimulationTrial) -> None:
    code = {"code": "M96.1", "body_region": "low_back"}
    act = Act("staff:1", NOW)
    row = keep(Diagnosis, trial.patient, values=code, act=act)
    erased(trial, Phase.DECISION_PENDING)

    with pytest.raises(CannotKeep, match="so nothing is added to the record"):
        keep(Diagnosis, trial.patient, values=code | {"code": "G89.4"}, act=act)
    why = Why("mistyped", "as the letter has it")
    keep(Diagnosis, trial.patient, values=code | {"code": "G89.4"}, act=act, instead_of=row.pk, why=why)
    assert standing(Diagnosis, trial.patient).get().code == "G89.4"


def test_the_trial_is_not_extended(trial: StimulationTrial) -> None:
    erased(trial, Phase.TRIAL_ACTIVE)

    with pytest.raises(CannotExtend, match="so the trial is not extended"):
        extend_trial(trial, to=date(2026, 10, 16), by="job:test", at=NOW)
