"""The settings of a clinic: what its site admin changes, and what stays the operator's."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from apps.drawn import NAME

SENT = {
    "name": "Renamed",
    "zone": "America/New_York",
    "phone": "+1 212 555 0100",
    "emergency_phone": "911",
    "alert_email": "desk@clinic.example",
    "emergency_access": "on",
}


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(clinic: Clinic) -> str:
    return f"/staff/accounts/clinic/{clinic.pk}/change/"


def send(client: Client, clinic: Clinic, **changes: str) -> Any:
    stamp = client.get(page_of(clinic)).context[NAME]
    return client.post(page_of(clinic), SENT | {NAME: stamp} | changes)


def settings_of(clinic: Clinic) -> dict[str, object]:
    return {name: getattr(Clinic.objects.get(pk=clinic.pk), name) for name in SENT}


def test_a_site_admin_changes_the_settings_and_neither_the_name_nor_the_switch(
    clinic: Clinic, site_admin: User
) -> None:
    answer = send(browser_of(site_admin), clinic)

    assert answer.status_code == 302
    assert settings_of(clinic) == SENT | {"name": clinic.name, "emergency_access": False}
    event = AuditEvent.objects.get(action="change", object_type="clinic")
    assert (event.actor, event.clinic_id) == (f"staff:{site_admin.pk}", clinic.pk)
    assert event.detail == {"fields": ["alert_email", "emergency_phone", "phone", "zone"]}


@pytest.mark.parametrize("zone", ["Berlin", "Europe/berlin", "UTC+1", "../../etc/passwd", "Factory"])
def test_a_zone_that_is_none_is_refused_with_the_remedy(clinic: Clinic, site_admin: User, zone: str) -> None:
    answer = send(browser_of(site_admin), clinic, zone=zone)

    said = answer.context["adminform"].form.errors["zone"]
    assert said == [f"{zone} is no time zone. Write an IANA name, such as Europe/Berlin."]
    assert Clinic.objects.get(pk=clinic.pk).zone == clinic.zone


def test_an_old_page_overwrites_nothing(clinic: Clinic, site_admin: User) -> None:
    client = browser_of(site_admin)
    old = client.get(page_of(clinic)).context[NAME]
    Clinic.objects.filter(pk=clinic.pk).update(phone="1")

    answer = send(client, clinic, **{NAME: old})

    assert answer.status_code == 409
    assert Clinic.objects.get(pk=clinic.pk).phone == "1"


def test_the_clinic_of_another_is_not_there(other_clinic: Clinic, site_admin: User) -> None:
    client = browser_of(site_admin)

    assert client.get(page_of(other_clinic)).status_code == 404
    assert client.post(page_of(other_clinic), SENT).status_code == 404


@pytest.mark.parametrize("who", ["coordinator", "clinician", "analyst"])
def test_nobody_else_of_the_clinic_changes_them(
    clinic: Clinic, request: pytest.FixtureRequest, who: str
) -> None:
    assert browser_of(request.getfixturevalue(who)).post(page_of(clinic), SENT).status_code == 403
