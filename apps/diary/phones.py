"""The settings of a phone: language, zone, reminders. They are replaced whole, as they were last read."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from apps.audit.services import record
from apps.diary import policies
from apps.diary.channels import is_push_service
from apps.diary.models import PatientDevice
from apps.diary.schemas import DeviceBody
from apps.patients.models import Patient
from apps.patients.services import move_patient
from apps.problems import FieldError, Problem, invalid

__all__ = ["change_device", "device_json", "etag_of", "move_patient"]


def device_json(device: PatientDevice) -> dict[str, Any]:
    return {
        "label": device.label,
        "holder": device.holder,
        "language": device.language or device.trial.patient.language,
        "zone": device.trial.patient.zone,
        "app_version": device.app_version or None,
        "reminders": {
            "push": device.remind_by_push,
            "email": device.remind_by_email,
            "sms": device.remind_by_sms,
        },
        "push_subscription": device.push_subscription,
        "push_public_key": settings.VAPID_PUBLIC_KEY or None,
    }


def etag_of(device: PatientDevice) -> str:
    return f'"{device.pk}-{device.version}"'


@transaction.atomic
def change_device(
    device: PatientDevice, body: DeviceBody, *, if_match: str | None, at: datetime, request_id: str
) -> PatientDevice:
    """Write all settings; 428 without If-Match, 412 when they were changed since they were read."""
    policies.check_zone(body.zone)
    _check_push_service(body)
    if if_match is None:
        raise Problem(428, "if_match_required", "Send If-Match with the ETag of GET /device.")
    # The trial with its patient is read with the token; only the settings are locked.
    row = PatientDevice.objects.select_for_update(of=("self",)).get(pk=device.pk)
    if if_match != etag_of(row):
        raise Problem(412, "changed_meanwhile", "The settings were changed since; read them again.")
    row.trial = device.trial
    _write(row, body)
    move_patient(row.trial.patient, zone=body.zone, by=f"device:{row.pk}", at=at)
    record(
        action="change",
        object_type="patient_device",
        object_id=row.pk,
        by=f"device:{row.pk}",
        at=at,
        clinic_id=row.trial.clinic_id,
        request_id=request_id,
        detail={"fields": ["settings"]},
    )
    return row


def _check_push_service(body: DeviceBody) -> None:
    """A phone names the address that we shall call: only those of the known push services are called."""
    subscription = body.push_subscription
    if subscription is not None and not is_push_service(subscription.endpoint):
        detail = "Send the subscription of the browser's own push service; the clinic's settings name them."
        raise invalid(FieldError("/push_subscription/endpoint", "unknown_push_service", detail))


def _write(row: PatientDevice, body: DeviceBody) -> None:
    row.label, row.language, row.app_version = body.label, body.language, body.app_version or ""
    row.remind_by_push = body.reminders.push
    row.remind_by_email = body.reminders.email
    row.remind_by_sms = body.reminders.sms
    subscription = body.push_subscription
    row.push_subscription = None if subscription is None else subscription.model_dump()
    row.version += 1
    row.save()
    if row.holder == "patient":
        Patient.objects.filter(pk=row.trial.patient_id).update(language=body.language)
