"""The clinician signs on the trial page; nobody else does, by any route."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.enrolling import enrol
from apps.accounts.factors import PERIOD, code_at
from apps.accounts.models import Clinic, Role, User
from apps.audit.models import AuditEvent
from apps.outcomes.models import Decision, Signature
from apps.outcomes.standing import screen_of
from apps.trials.models import StimulationTrial
from apps.trials.services import touch_evidence
from sctrial.cli import main
from sctrial.phases import Phase
from tests.apps.workspace.conftest import Visit
from tests.factories import make_device, make_staff
from tests.factories.deciding import make_waiting
from tests.factories.staff import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
#: One route a meaning, all posts.
ROUTES = ("trial_sign", "trial_countersign", "trial_reopen")


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    return make_waiting(clinic, at=datetime.now(UTC))


def address(name: str, trial: StimulationTrial, *more: object) -> str:
    return reverse(f"admin:{name}", args=[trial.pk, *more])


def set_up(user: User) -> None:
    """An hour ago, so that the code of this minute is a new one."""
    before = datetime.now(UTC) - timedelta(hours=1)
    enrol(user, secret=SECRET, code=code_at(SECRET, before), at=before)


def sent(trial: StimulationTrial, user: User, **more: Any) -> dict[str, Any]:
    screen = screen_of(StimulationTrial.objects.get(pk=trial.pk))
    return {
        "shown": screen.digest if screen else "",
        "username": user.get_username(),
        "password": PASSWORD,
        "code": code_at(SECRET, datetime.now(UTC)),
        "choice": "implant",
    } | more


@pytest.fixture
def browser(clinician: User, as_staff: Visit) -> Client:
    set_up(clinician)
    return as_staff(clinician)


def test_the_page_shows_what_is_signed_and_the_post_signs_it(
    browser: Client, trial: StimulationTrial, clinician: User
) -> None:
    screen = screen_of(trial)
    assert screen is not None
    page = browser.get(reverse("admin:trials_stimulationtrial_change", args=[trial.pk])).content.decode()

    assert screen.digest in page
    assert "I have looked at the evidence shown and take this decision." in page
    answer = browser.post(address("trial_sign", trial), sent(trial, clinician))

    assert answer.status_code == 302
    trial.refresh_from_db()
    signature = Signature.objects.get()
    assert (trial.phase, signature.shown_digest, signature.factors) == (
        Phase.DECIDED,
        screen.digest,
        ["password", "totp"],
    )


def test_the_download_replays_with_the_command(
    browser: Client, trial: StimulationTrial, clinician: User, tmp_path: Any, capsys: Any
) -> None:
    browser.post(address("trial_sign", trial), sent(trial, clinician))
    answer = browser.get(address("trial_signed_document", trial, Signature.objects.get().pk))
    file = tmp_path / "decision.json"
    file.write_bytes(answer.content)

    assert main(["replay", str(file)]) == 0
    assert capsys.readouterr().out == "same\n"
    assert AuditEvent.objects.filter(action="export").count() == 1
    assert json.loads(answer.content)["signature"]["meaning"] == "decided"


def test_the_signed_record_names_who_when_and_what_it_means(
    browser: Client, trial: StimulationTrial, clinician: User
) -> None:
    browser.post(address("trial_sign", trial), sent(trial, clinician))

    page = browser.get(address("trial_decision", trial)).content.decode()

    for words in ("Decided", "clinician", "Europe/Berlin", "fits its record", Signature.objects.get().digest):
        assert words in page


def test_a_stale_screen_is_a_409_with_what_helps(
    browser: Client, trial: StimulationTrial, clinician: User
) -> None:
    form = sent(trial, clinician)
    touch_evidence(trial.pk)

    answer = browser.post(address("trial_sign", trial), form)

    assert answer.status_code == 409
    assert "look again" in answer.content.decode()
    assert not Decision.objects.exists()


def test_another_digest_is_a_409(browser: Client, trial: StimulationTrial, clinician: User) -> None:
    answer = browser.post(address("trial_sign", trial), sent(trial, clinician, shown="sha256:0"))

    assert (answer.status_code, Decision.objects.count()) == (409, 0)


def test_what_can_no_longer_be_carried_out_is_neither_offered_nor_taken(
    browser: Client, trial: StimulationTrial, clinician: User
) -> None:
    """A trial that ended cannot be extended; every other decision has a next step on the page."""
    page = browser.get(reverse("admin:trials_stimulationtrial_change", args=[trial.pk])).content.decode()

    offered = re.findall(r'<option value="(\w+)"', page[page.index('name="choice"') :].split("</select>")[0])

    assert offered == ["implant", "no_implant", "repeat_trial", "defer"]
    answer = browser.post(address("trial_sign", trial), sent(trial, clinician, choice="extend"))
    assert (answer.status_code, Decision.objects.count()) == (422, 0)


@pytest.mark.parametrize(
    ("choice", "button"), [("defer", "Open the decision again"), ("repeat_trial", "Start a repeat trial")]
)
def test_what_follows_a_signature_stands_on_the_page(
    browser: Client, trial: StimulationTrial, clinician: User, choice: str, button: str
) -> None:
    browser.post(address("trial_sign", trial), sent(trial, clinician, choice=choice))

    page = browser.get(reverse("admin:trials_stimulationtrial_change", args=[trial.pk])).content.decode()

    assert button in page


def test_against_the_verdict_without_a_reason_is_a_422(
    browser: Client, trial: StimulationTrial, clinician: User
) -> None:
    answer = browser.post(address("trial_sign", trial), sent(trial, clinician, choice="no_implant"))

    assert (answer.status_code, Decision.objects.count()) == (422, 0)


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"code": ""}, {"username": "somebody"}])
def test_the_first_signature_of_a_session_needs_all_of_them(
    browser: Client, trial: StimulationTrial, clinician: User, wrong: dict[str, str]
) -> None:
    answer = browser.post(address("trial_sign", trial), sent(trial, clinician) | wrong)

    assert (answer.status_code, Decision.objects.count()) == (403, 0)


def test_the_next_one_of_the_session_needs_the_password(
    browser: Client, trial: StimulationTrial, clinician: User, clinic: Clinic
) -> None:
    other = make_waiting(clinic, at=datetime.now(UTC))
    browser.post(address("trial_sign", trial), sent(trial, clinician))

    answer = browser.post(address("trial_sign", other), sent(other, clinician, code=""))

    assert answer.status_code == 302
    assert Signature.objects.latest("id").factors == ["password"]


def test_a_session_idle_for_a_quarter_of_an_hour_needs_all_again(
    browser: Client, trial: StimulationTrial, clinician: User, clinic: Clinic
) -> None:
    other = make_waiting(clinic, at=datetime.now(UTC))
    browser.post(address("trial_sign", trial), sent(trial, clinician))
    session = browser.session
    session["signing"] = session["signing"] | {"at": session["signing"]["at"] - 15 * 60}
    session.save()

    answer = browser.post(address("trial_sign", other), sent(other, clinician, code=""))

    assert (answer.status_code, Decision.objects.count()) == (403, 1)


def test_a_new_session_needs_all_again(
    browser: Client, trial: StimulationTrial, clinician: User, clinic: Clinic, as_staff: Visit
) -> None:
    other = make_waiting(clinic, at=datetime.now(UTC))
    browser.post(address("trial_sign", trial), sent(trial, clinician))

    answer = as_staff(clinician).post(address("trial_sign", other), sent(other, clinician, code=""))

    assert (answer.status_code, Decision.objects.count()) == (403, 1)


def test_without_a_second_factor_the_page_says_where_to_set_it_up(
    trial: StimulationTrial, clinician: User, as_staff: Visit
) -> None:
    answer = as_staff(clinician).post(address("trial_sign", trial), sent(trial, clinician))

    assert answer.status_code == 403
    assert reverse("admin:second_factor") in answer.content.decode()


def test_after_five_wrong_tries_signing_is_locked(
    browser: Client, trial: StimulationTrial, clinician: User
) -> None:
    wrong = sent(trial, clinician, password="wrong")

    tries = [browser.post(address("trial_sign", trial), wrong).status_code for _ in range(5)]
    right = browser.post(address("trial_sign", trial), sent(trial, clinician))

    assert tries == [403] * 4 + [429]
    assert (right.status_code, Decision.objects.count()) == (429, 0)
    assert AuditEvent.objects.filter(action="lock_signing").count() == 1


def test_the_site_admins_are_told_of_the_third_wrong_try_and_of_the_lock(
    browser: Client, trial: StimulationTrial, clinician: User, site_admin: User, settings: Any, tmp_path: Path
) -> None:
    settings.NOTIFY_CONSOLE = str(tmp_path / "messages")
    User.objects.filter(pk=site_admin.pk).update(email="admin@clinic.example")
    wrong = sent(trial, clinician, code="000000")

    for _ in range(2):
        browser.post(address("trial_sign", trial), wrong)
    assert not (tmp_path / "messages").exists()
    for _ in range(5):
        browser.post(address("trial_sign", trial), wrong)

    told = (tmp_path / "messages").read_text()
    assert (told.count("Wrong tries to sign"), told.count("Signing was locked")) == (1, 1)
    assert "clinician" not in told


# role, and what the routes answer: a foreign row is not there, a visible one may not be signed.
OTHERS = [("coordinator", 403), ("site_admin", 403), ("analyst", 403), ("stranger", 404), ("nobody", 404)]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(("who", "status"), OTHERS)
def test_nobody_else_signs_by_a_raw_post(
    trial: StimulationTrial,
    as_staff: Visit,
    request: pytest.FixtureRequest,
    route: str,
    who: str,
    status: int,
) -> None:
    user = request.getfixturevalue(who)
    set_up(user)

    answer = as_staff(user).post(address(route, trial), sent(trial, user, reason="because we want it"))

    assert (answer.status_code, Signature.objects.count()) == (status, 0)


@pytest.mark.parametrize("route", ROUTES)
def test_a_superuser_signs_nothing(trial: StimulationTrial, as_staff: Visit, route: str) -> None:
    root = User.objects.create_superuser("root", password=PASSWORD)

    answer = as_staff(root).post(address(route, trial), sent(trial, root, reason="because we want it"))

    assert answer.status_code in {403, 404}
    assert not Signature.objects.exists()


@pytest.mark.parametrize("route", ROUTES)
def test_a_phones_token_and_nobody_at_all_are_sent_to_the_login(
    trial: StimulationTrial, clinician: User, route: str
) -> None:
    _, token = make_device(trial, at=datetime.now(UTC))

    answer = Client().post(
        address(route, trial), sent(trial, clinician), headers={"Authorization": f"Bearer {token}"}
    )

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("admin:login"))
    assert not Signature.objects.exists()


@pytest.mark.parametrize("who", ["coordinator", "site_admin", "clinician"])
def test_the_step_to_decided_is_not_taken_without_a_signature(
    trial: StimulationTrial, as_staff: Visit, request: pytest.FixtureRequest, who: str
) -> None:
    as_staff(request.getfixturevalue(who)).post(
        address("trial_step", trial, "decided"), {"expected": "decision_pending"}
    )

    trial.refresh_from_db()
    assert trial.phase == Phase.DECISION_PENDING


def test_a_second_clinician_countersigns_and_the_decision_is_opened_again(
    browser: Client, trial: StimulationTrial, clinician: User, clinic: Clinic, as_staff: Visit
) -> None:
    browser.post(address("trial_sign", trial), sent(trial, clinician))
    second = make_staff("second", clinic=clinic, role=Role.CLINICIAN)
    set_up(second)
    other = as_staff(second)

    assert other.post(address("trial_countersign", trial), sent(trial, second)).status_code == 302
    again = sent(trial, clinician, code="", reason="The lead has moved since")
    again["shown"] = Signature.objects.earliest("id").digest
    assert browser.post(address("trial_reopen", trial), again).status_code == 302

    assert [row.meaning for row in Signature.objects.all()] == ["decided", "countersigned", "reopened"]
    trial.refresh_from_db()
    assert trial.phase == Phase.DECISION_PENDING


def test_the_period_of_a_code_is_half_a_minute() -> None:
    assert PERIOD == 30


# fmt: off
REFUSED: list[tuple[dict[str, str], int]] = [
    # instead of what is right               answered with
    ({"password": "not it"},                 403),
    ({"code": "000000"},                     403),
    ({"reason": "x" * 501},                  422),
]
# fmt: on


@pytest.mark.parametrize(("wrong", "status"), REFUSED)
def test_a_refused_signature_keeps_what_was_typed_but_for_what_proves_the_person(
    trial: StimulationTrial, clinician: User, browser: Client, wrong: dict[str, str], status: int
) -> None:
    typed = {"choice": "no_implant", "reason_code": "patient_wish", "reason": "asked for time at home"}
    given = sent(trial, clinician, **(typed | wrong))

    answer = browser.post(address("trial_sign", trial), given)

    form, page = answer.context["form"], answer.content.decode()
    assert answer.status_code == status
    assert {name: form[name].value() for name in typed} == {name: given[name] for name in typed}
    assert (form["username"].value(), form["shown"].value()) == (given["username"], given["shown"])
    assert [form[name].value() for name in ("password", "code", "passkey")] == [None, None, None]
    assert given["code"] not in page
    assert "What you typed is kept." in page
    assert f'action="{address("trial_sign", trial)}"' in page


def test_what_is_stale_is_looked_at_again_with_the_words_at_hand(
    trial: StimulationTrial, clinician: User, browser: Client
) -> None:
    answer = browser.post(
        address("trial_sign", trial), sent(trial, clinician, shown="sha256:0", reason="asked for time")
    )

    assert answer.status_code == 409
    assert answer.context["form"] is None
    assert ("In words", "asked for time") in answer.context["typed"]
