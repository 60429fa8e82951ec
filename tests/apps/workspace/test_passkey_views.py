"""One's own passkeys in the browser: made in two steps, used on a form, removed; each by who proves it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.enrolling import enrol
from apps.accounts.factors import code_at, has_factor
from apps.accounts.models import Clinic, User
from apps.accounts.passkeys import passkeys_of
from apps.outcomes.models import Decision, Signature
from apps.trials.models import StimulationTrial
from sctrial.phases import Phase
from sctrial.replay import replay
from tests.apps.workspace.conftest import Visit
from tests.apps.workspace.test_sign_views import SECRET, address, sent
from tests.factories.authenticator import SoftAuthenticator
from tests.factories.deciding import make_waiting
from tests.factories.staff import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "admin:second_factor"


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    return make_waiting(clinic, at=datetime.now(UTC))


@pytest.fixture
def browser(clinician: User, as_staff: Visit) -> Client:
    client = as_staff(clinician)
    client.raise_request_exception = True
    return client


@pytest.fixture
def device(browser: Client) -> SoftAuthenticator:
    """The clinician's only factor."""
    made = SoftAuthenticator()
    assert add(browser, made).status_code == 200
    return made


def add(browser: Client, device: SoftAuthenticator, *, name: str = "laptop", **proof: str) -> Any:
    asked = {"name": name, "password": PASSWORD} | proof
    step = browser.post(reverse("admin:passkey_add"), asked)
    if "options" not in (step.context or {}):
        return step
    return browser.post(
        reverse("admin:passkey_made"), {"passkey": device.make(json.loads(step.context["options"]))}
    )


def challenged(browser: Client, place: str, form: dict[str, Any]) -> Any:
    """What the browser does when the button is pressed: the form without its proof, and where it will go."""
    asked = {name: value for name, value in form.items() if name not in ("password", "code", "passkey")}
    return browser.post(f"{reverse('admin:passkey_challenge')}?for={place}", asked)


def by_passkey(browser: Client, device: SoftAuthenticator, place: str, form: dict[str, Any]) -> Any:
    options = challenged(browser, place, form).json()
    return browser.post(place, form | {"code": "", "passkey": device.prove(options)})


def test_the_first_passkey_needs_the_password_and_brings_recovery_codes(
    browser: Client, clinician: User
) -> None:
    done = add(browser, SoftAuthenticator())

    assert len(done.context["codes"]) == 10
    assert has_factor(clinician)
    page = browser.get(reverse(PAGE)).content.decode()
    assert "laptop" in page
    assert done.context["codes"][0] not in page


def test_a_decision_is_signed_with_password_and_passkey(
    browser: Client, device: SoftAuthenticator, trial: StimulationTrial, clinician: User
) -> None:
    answer = by_passkey(browser, device, address("trial_sign", trial), sent(trial, clinician))

    assert answer.status_code == 302
    trial.refresh_from_db()
    signature = Signature.objects.get()
    assert (trial.phase, signature.factors) == (Phase.DECIDED, ["password", "passkey"])
    document = json.loads(signature.document)
    assert document["signature"]["factors"] == ["password", "passkey"]
    assert replay(document).difference is None
    record = browser.get(address("trial_decision", trial)).content.decode()
    assert "password, passkey" in record
    assert passkeys_of(clinician)[0].last_used_at is not None


@pytest.mark.parametrize("changed", [{"choice": "defer"}, {"reason": "something else entirely"}])
def test_what_was_signed_for_one_choice_signs_no_other(
    browser: Client, device: SoftAuthenticator, trial: StimulationTrial, clinician: User, changed: Any
) -> None:
    place, form = address("trial_sign", trial), sent(trial, clinician)
    options = challenged(browser, place, form).json()

    answer = browser.post(place, form | changed | {"code": "", "passkey": device.prove(options)})

    assert (answer.status_code, Decision.objects.count()) == (403, 0)


def test_what_was_signed_for_one_trial_signs_no_other(
    browser: Client, device: SoftAuthenticator, trial: StimulationTrial, clinician: User, clinic: Clinic
) -> None:
    other = make_waiting(clinic, at=datetime.now(UTC))
    form = sent(other, clinician)
    options = challenged(browser, address("trial_sign", trial), form).json()

    answer = browser.post(address("trial_sign", other), form | {"code": "", "passkey": device.prove(options)})

    assert (answer.status_code, Decision.objects.count()) == (403, 0)


def test_a_challenge_belongs_to_its_session(
    browser: Client, device: SoftAuthenticator, trial: StimulationTrial, clinician: User, as_staff: Visit
) -> None:
    place, form = address("trial_sign", trial), sent(trial, clinician)
    signed = device.prove(challenged(browser, place, form).json())

    answer = as_staff(clinician).post(place, form | {"code": "", "passkey": signed})

    assert (answer.status_code, Decision.objects.count()) == (403, 0)


def test_a_challenge_that_was_tried_is_gone(
    browser: Client, device: SoftAuthenticator, trial: StimulationTrial, clinician: User
) -> None:
    place, form = address("trial_sign", trial), sent(trial, clinician)
    right = form | {"code": "", "passkey": device.prove(challenged(browser, place, form).json())}
    browser.post(place, right | {"password": "wrong"})

    assert browser.post(place, right).status_code == 403
    assert not Decision.objects.exists()


def test_after_a_passkey_the_next_signature_of_the_session_needs_the_password(
    browser: Client, device: SoftAuthenticator, trial: StimulationTrial, clinician: User, clinic: Clinic
) -> None:
    other = make_waiting(clinic, at=datetime.now(UTC))
    by_passkey(browser, device, address("trial_sign", trial), sent(trial, clinician))

    answer = browser.post(address("trial_sign", other), sent(other, clinician, code=""))

    assert answer.status_code == 302
    assert Signature.objects.latest("id").factors == ["password"]


def test_another_factor_ends_what_a_session_may_leave_out(
    browser: Client, device: SoftAuthenticator, trial: StimulationTrial, clinician: User, clinic: Clinic
) -> None:
    other = make_waiting(clinic, at=datetime.now(UTC))
    by_passkey(browser, device, address("trial_sign", trial), sent(trial, clinician))
    before = datetime.now(UTC) - timedelta(hours=1)
    enrol(clinician, secret=SECRET, code=code_at(SECRET, before), at=before)

    answer = browser.post(address("trial_sign", other), sent(other, clinician, code=""))

    assert (answer.status_code, Decision.objects.count()) == (403, 1)


def test_without_a_passkey_there_is_nothing_to_ask_a_device_for(browser: Client) -> None:
    answer = browser.post(reverse("admin:passkey_challenge"))

    assert answer.status_code == 409
    assert "make one" in answer.json()["detail"]


# What a thief of a session and a password lacks once there is a factor.
@pytest.mark.parametrize("proof", [{}, {"code": "000000"}, {"passkey": "{}"}, {"password": "wrong"}])
def test_a_further_passkey_needs_a_factor_that_is_there(
    browser: Client, device: SoftAuthenticator, clinician: User, proof: dict[str, str]
) -> None:
    answer = add(browser, SoftAuthenticator(), name="mine now", **proof)

    assert answer.status_code == 403
    assert [one.name for one in passkeys_of(clinician)] == ["laptop"]


def test_an_app_beside_a_passkey_needs_a_factor_that_is_there(
    browser: Client, device: SoftAuthenticator
) -> None:
    secret = browser.get(reverse(PAGE)).context["secret"]
    right = {"password": PASSWORD, "code": code_at(secret, datetime.now(UTC))}

    assert browser.post(reverse(PAGE), right).status_code == 403
    done = by_spare_passkey(browser, device, right)
    assert (done.status_code, done.context["has_app"]) == (200, True)


def by_spare_passkey(browser: Client, device: SoftAuthenticator, form: dict[str, str]) -> Any:
    options = challenged(browser, reverse(PAGE), form).json()
    return browser.post(reverse(PAGE), form | {"passkey": device.prove(options)})


def test_a_further_passkey_is_made_by_whom_the_first_one_proves(
    browser: Client, device: SoftAuthenticator, clinician: User
) -> None:
    form = {"name": "blue key", "password": PASSWORD}
    options = challenged(browser, reverse("admin:passkey_add"), form).json()

    done = add(browser, SoftAuthenticator(), name="blue key", passkey=device.prove(options))

    assert done.status_code == 302
    assert [one.name for one in passkeys_of(clinician)] == ["laptop", "blue key"]


def test_a_passkey_that_nobody_asked_for_is_refused(browser: Client, clinician: User) -> None:
    made = SoftAuthenticator().make({"rp": {"id": "testserver"}, "challenge": "AAAA"})

    answer = browser.post(reverse("admin:passkey_made"), {"passkey": made})

    assert (answer.status_code, passkeys_of(clinician)) == (409, [])


@pytest.mark.parametrize("asked", [{}, {"name": " "}, {"name": "x" * 41}, {"name": "a\x00b"}])
def test_a_passkey_has_a_name_that_fits(browser: Client, asked: dict[str, str]) -> None:
    answer = browser.post(reverse("admin:passkey_add"), {"password": PASSWORD} | asked)

    assert answer.status_code == 422
    assert answer.context["adding"].errors["name"]


def test_a_passkey_is_removed_by_whom_a_factor_proves(
    browser: Client, device: SoftAuthenticator, clinician: User
) -> None:
    before = datetime.now(UTC) - timedelta(hours=1)
    enrol(clinician, secret=SECRET, code=code_at(SECRET, before), at=before)
    place = reverse("admin:passkey_remove", args=[passkeys_of(clinician)[0].pk])

    tries = [browser.post(place, form).status_code for form in ({}, {"password": PASSWORD})]
    done = browser.post(place, {"password": PASSWORD, "code": code_at(SECRET, datetime.now(UTC))})

    assert (tries, done.status_code) == ([422, 403], 302)
    assert passkeys_of(clinician) == []


def test_the_only_factor_stays(browser: Client, device: SoftAuthenticator, clinician: User) -> None:
    place = reverse("admin:passkey_remove", args=[passkeys_of(clinician)[0].pk])

    answer = by_passkey(browser, device, place, {"password": PASSWORD})

    assert answer.status_code == 403
    assert "only second factor" in answer.content.decode()
    assert len(passkeys_of(clinician)) == 1


def test_a_passkey_of_somebody_else_is_not_there(
    browser: Client, device: SoftAuthenticator, clinician: User, coordinator: User, as_staff: Visit
) -> None:
    place = reverse("admin:passkey_remove", args=[passkeys_of(clinician)[0].pk])

    assert as_staff(coordinator).post(place, {"password": PASSWORD}).status_code == 404


def test_at_another_address_the_page_says_where_passkeys_are_made(browser: Client) -> None:
    page = browser.get(reverse(PAGE), headers={"host": "127.0.0.1"}).content.decode()

    assert 'href="http://testserver"' in page
    assert reverse("admin:passkey_add") not in page
