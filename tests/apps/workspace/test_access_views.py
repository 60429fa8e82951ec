"""Sessions and access: sign out everywhere, and end what somebody of the own clinic holds."""

import pytest
from django.test import Client

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from tests.apps.workspace.conftest import Visit

pytestmark = pytest.mark.django_db
PLACE = "/staff/access/"


def is_in(client: Client) -> bool:
    return client.get("/staff/").status_code == 200


def test_one_signs_out_everywhere(clinician: User, as_staff: Visit) -> None:
    here, elsewhere = as_staff(clinician), as_staff(clinician)

    answer = here.post(f"{PLACE}everywhere/")

    assert answer["Location"] == "/staff/login/"
    assert (is_in(here), is_in(elsewhere)) == (False, False)


def test_a_site_admin_ends_the_access_of_somebody_of_the_clinic_with_a_reason(
    clinician: User, site_admin: User, as_staff: Visit
) -> None:
    theirs = as_staff(clinician)

    page = as_staff(site_admin).post(f"{PLACE}{clinician.pk}/end/", {"reason": "phone call"}, follow=True)

    assert "From the next request on clinician is signed out everywhere." in page.content.decode()
    assert not is_in(theirs)
    event = AuditEvent.objects.get(action="end_access")
    assert (event.actor, event.reason) == (f"staff:{site_admin.pk}", "phone call")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_without_a_reason_nothing_is_ended(
    clinician: User, site_admin: User, as_staff: Visit, reason: str
) -> None:
    theirs = as_staff(clinician)

    page = as_staff(site_admin).post(f"{PLACE}{clinician.pk}/end/", {"reason": reason}, follow=True)

    assert "Nothing was ended: give a reason" in page.content.decode()
    assert is_in(theirs)


def test_somebody_of_another_clinic_does_not_exist_here(
    stranger: User, site_admin: User, as_staff: Visit
) -> None:
    theirs, admin = as_staff(stranger), as_staff(site_admin)

    assert admin.post(f"{PLACE}{stranger.pk}/end/", {"reason": "nosy"}).status_code == 404
    assert "stranger" not in admin.get(PLACE).content.decode()
    assert is_in(theirs)


@pytest.mark.parametrize("who", ["coordinator", "clinician", "analyst", "nobody"])
def test_others_see_and_end_their_own_access_alone(
    request: pytest.FixtureRequest, clinic: Clinic, site_admin: User, as_staff: Visit, who: str
) -> None:
    client = as_staff(request.getfixturevalue(who))

    assert "People you answer for" not in client.get(PLACE).content.decode()
    assert client.post(f"{PLACE}{site_admin.pk}/end/", {"reason": "revenge"}).status_code == 404
