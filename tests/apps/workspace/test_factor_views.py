"""Setting up one's own second factor: the key is shown until it is proven, the recovery codes once."""

import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from apps.accounts.factors import code_at, has_factor
from apps.accounts.models import User
from tests.apps.workspace.conftest import Visit
from tests.factories.staff import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)
CODES = re.compile(r"<code>(\d{10})</code>")


def test_the_key_is_proven_by_its_code_and_the_recovery_codes_are_shown_once(
    clinician: User, as_staff: Visit
) -> None:
    browser, place = as_staff(clinician), reverse("admin:second_factor")
    page = browser.get(place)
    secret = page.context["secret"]
    assert "no-store" in page.headers["Cache-Control"]

    code = code_at(secret, datetime.now(UTC))
    done = browser.post(place, {"password": PASSWORD, "code": code})

    assert has_factor(clinician)
    assert len(CODES.findall(done.content.decode())) == 10
    again = browser.get(place).content.decode()
    assert CODES.findall(again) == []
    assert secret not in again


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"code": "000000"}])
def test_neither_a_wrong_password_nor_a_wrong_code_sets_it_up(
    clinician: User, as_staff: Visit, wrong: dict[str, str]
) -> None:
    browser, place = as_staff(clinician), reverse("admin:second_factor")
    secret = browser.get(place).context["secret"]
    right = {"password": PASSWORD, "code": code_at(secret, datetime.now(UTC))}

    answer = browser.post(place, right | wrong)

    assert answer.status_code == 403
    assert not has_factor(clinician)


def test_who_is_not_signed_in_is_sent_to_the_login(as_staff: Visit) -> None:
    assert as_staff(None).get(reverse("admin:second_factor")).status_code == 302
