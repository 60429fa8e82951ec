"""After the trial: the implant, its visits, revision and explant; and who may write them down."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.trials.models import Correction, Explant, PermanentImplant, StimulationTrial
from apps.trials.services import move_trial
from apps.workspace.implant import visits_of
from sctrial.phases import CannotMove, Phase
from tests.apps.workspace.conftest import Visit, today
from tests.apps.workspace.test_trial_page import errors_of, fields_of
from tests.factories.deciding import make_decision

pytestmark = pytest.mark.django_db
IMPLANTS = "/staff/trials/permanentimplant/"
ENDED = today() - timedelta(days=1)
CORRECTS = {"why_code": "mistyped", "why": "as the letter has it"}


@pytest.fixture
def client(coordinator: User, as_staff: Visit) -> Client:
    return as_staff(coordinator)


@pytest.fixture
def decided(trial: StimulationTrial) -> StimulationTrial:
    """Baseline 53/7, so half of it is 53/14 = 3.79 and 70 % of it 5.3."""
    over = {"phase": Phase.DECIDED.value, "ended_on": ENDED, "end_reason": "success"}
    StimulationTrial.objects.filter(pk=trial.pk).update(**over)
    trial.refresh_from_db()
    make_decision(trial)
    return trial


@pytest.fixture
def implant(decided: StimulationTrial) -> PermanentImplant:
    return PermanentImplant.objects.create(trial=decided, implanted_on=ENDED)


def url_of(implant: PermanentImplant) -> str:
    return f"{IMPLANTS}{implant.pk}/change/"


def with_row(client: Client, implant: PermanentImplant, prefix: str, **facts: Any) -> dict[str, Any]:
    row = {f"{prefix}-0-{name}": value for name, value in facts.items()}
    return fields_of(client, url_of(implant)) | {f"{prefix}-TOTAL_FORMS": "1"} | row


def test_after_an_explant_no_visit_is_awaited(implant: PermanentImplant) -> None:
    """Taken out two months after the implant: the first visit could have been, the others cannot."""
    Explant.objects.create(implant=implant, explanted_on=ENDED + timedelta(days=61), reason="lost_efficacy")

    assert [visit.is_over for visit in visits_of(implant)] == [False, True, True, True, True]


def test_an_implant_is_recorded_and_then_its_step_is_open(decided: StimulationTrial, client: Client) -> None:
    page = client.get(f"/staff/trials/stimulationtrial/{decided.pk}/change/").content.decode()
    assert f"{IMPLANTS}add/?trial={decided.pk}" in page
    with pytest.raises(CannotMove, match="the permanent implant"):
        move_trial(decided, to=Phase.IMPLANTED, by="job:test", at=decided.created_at)

    client.post(f"{IMPLANTS}add/", {"trial": str(decided.pk), "implanted_on": str(today())})

    made = PermanentImplant.objects.get()
    assert made.implanted_on == today()
    assert AuditEvent.objects.filter(object_type="permanentimplant", action="create").count() == 1
    client.post(
        f"/staff/trials/stimulationtrial/{decided.pk}/steps/implanted/", {"expected": Phase.DECIDED.value}
    )
    decided.refresh_from_db()
    assert decided.phase == Phase.IMPLANTED


# fmt: off
REFUSED = [
    # phase                 day                         refused because
    (Phase.TRIAL_ACTIVE,    today(),                      "Select a valid choice"),
    (Phase.DECISION_PENDING, today(),                     "Select a valid choice"),
    (Phase.DECIDED,         ENDED - timedelta(days=1),  "the implant comes after it"),
]
SCORES = [
    # pain   still >= 30 %  still >= 50 %
    ("3",    "yes",         "yes"),
    ("4",    "yes",         "no"),
    ("5",    "yes",         "no"),
    ("6",    "no",          "no"),
]
# fmt: on


@pytest.mark.parametrize(("phase", "day", "words"), REFUSED)
def test_an_implant_follows_the_decision(
    decided: StimulationTrial, client: Client, phase: Phase, day: Any, words: str
) -> None:
    StimulationTrial.objects.filter(pk=decided.pk).update(phase=phase.value)

    response = client.post(f"{IMPLANTS}add/", {"trial": str(decided.pk), "implanted_on": str(day)})

    assert words in str(errors_of(response))
    assert not PermanentImplant.objects.exists()


@pytest.mark.parametrize(("pain", "moderate", "substantial"), SCORES)
def test_a_visit_says_what_is_left_of_the_relief(
    implant: PermanentImplant, client: Client, pain: str, moderate: str, substantial: str
) -> None:
    facts = {"month": "1", "seen_on": str(today()), "pain": pain, "function": "better", "satisfied": "true"}

    response = client.post(url_of(implant), with_row(client, implant, "follow_ups", **facts))

    assert response.status_code == 302
    first, second = client.get(url_of(implant)).context["visits"][:2]
    assert (first.pain, first.moderate, first.substantial) == (pain, moderate, substantial)
    assert (first.function, first.satisfied) == ("Better than before", "yes")
    assert (second.month, second.seen_on) == (3, None)


@pytest.mark.parametrize(("score", "words"), [("11", "0"), ("3.5", "step"), ("-1", "0")])
def test_a_score_off_the_scale_of_the_trial_is_refused(
    implant: PermanentImplant, client: Client, score: str, words: str
) -> None:
    facts = {"month": "1", "seen_on": str(today()), "pain": score}

    page = client.post(url_of(implant), with_row(client, implant, "follow_ups", **facts))

    assert page.status_code == 200
    assert words in str(page.context["errors"])
    assert not implant.follow_ups.exists()


def test_a_revision_and_an_explant_have_a_reason_and_come_after(
    implant: PermanentImplant, client: Client
) -> None:
    early = {"revised_on": str(ENDED - timedelta(days=1)), "reason": "migration"}
    assert client.post(url_of(implant), with_row(client, implant, "revisions", **early)).status_code == 200
    later = early | {"revised_on": str(today())}
    assert client.post(url_of(implant), with_row(client, implant, "revisions", **later)).status_code == 302
    bare = {"explanted_on": str(today()), "reason": ""}
    assert client.post(url_of(implant), with_row(client, implant, "explant", **bare)).status_code == 200
    whole = bare | {"reason": "lost_efficacy"}
    assert client.post(url_of(implant), with_row(client, implant, "explant", **whole)).status_code == 302

    assert str(implant.revisions.get()) == f"Lead migration, {today()}"
    assert implant.explant.reason == "lost_efficacy"


# fmt: off
SAVED = [
    # rows below, what they say, which field is corrected, to what, as the page tells it
    ("follow_ups", {"month": "1", "seen_on": str(today()), "pain": "3"}, "pain",   "4",     ("3", "4")),
    ("revisions", {"revised_on": str(today()), "reason": "migration"}, "reason", "infection",
     ("Lead migration", "Infection")),
    ("explant", {"explanted_on": str(today()), "reason": "lost_efficacy"}, "reason", "infection",
     ("Relief was lost", "Infection")),
]
# fmt: on


@pytest.mark.parametrize(("prefix", "facts", "field", "value", "told"), SAVED)
def test_a_saved_value_from_after_the_trial_is_changed_with_a_reason_and_stays_beside_the_new_one(
    implant: PermanentImplant,
    client: Client,
    prefix: str,
    facts: dict[str, str],
    field: str,
    value: str,
    told: tuple[str, str],
) -> None:
    client.post(url_of(implant), with_row(client, implant, prefix, **facts))
    change = fields_of(client, url_of(implant)) | {f"{prefix}-0-{field}": value}

    refused = client.post(url_of(implant), change)
    assert refused.status_code == 200
    assert "say why" in str(refused.context["errors"])
    assert not Correction.objects.exists()
    assert client.post(url_of(implant), change | CORRECTS).status_code == 302

    (line,) = client.get(url_of(implant)).context["corrections"]
    assert (line.old, line.new) == told
    assert (line.code, line.reason) == ("Typed or chosen wrongly", "as the letter has it")


def test_the_day_of_an_implant_is_corrected_with_a_reason(implant: PermanentImplant, client: Client) -> None:
    change = fields_of(client, url_of(implant)) | {"implanted_on": str(today())}

    refused = client.post(url_of(implant), change)
    assert "why_code" in errors_of(refused)
    assert client.post(url_of(implant), change | CORRECTS).status_code == 302

    implant.refresh_from_db()
    kept = Correction.objects.get(trial=implant.trial)
    assert implant.implanted_on == today()
    assert (kept.old, kept.new) == ({"implanted_on": str(ENDED)}, {"implanted_on": str(today())})
    event = AuditEvent.objects.get(object_type="permanentimplant", action="change")
    assert event.detail == {"fields": ["implanted_on"], "why": "mistyped"}


def test_what_was_left_empty_after_the_trial_is_filled_in_without_a_reason(
    implant: PermanentImplant, client: Client
) -> None:
    filled = fields_of(client, url_of(implant)) | {"generator": "Demo 1"}

    assert client.post(url_of(implant), filled).status_code == 302
    assert not Correction.objects.exists()


# fmt: off
MAY = [
    # who             reads  writes
    ("coordinator",   200,   302),
    ("clinician",     200,   302),
    ("site_admin",    200,   403),
    ("analyst",       200,   403),
    ("stranger",      404,   404),
    ("nobody",        403,   403),
]
# fmt: on


@pytest.mark.parametrize(("who", "reads", "writes"), MAY)
def test_who_may_read_and_write_what_came_after(
    request: pytest.FixtureRequest,
    implant: PermanentImplant,
    client: Client,
    as_staff: Visit,
    who: str,
    reads: int,
    writes: int,
) -> None:
    sent = with_row(client, implant, "follow_ups", month="1", seen_on=str(today()), pain="3")
    asked = as_staff(request.getfixturevalue(who))

    assert asked.get(url_of(implant)).status_code == reads
    assert asked.post(url_of(implant), sent).status_code == writes
    assert implant.follow_ups.exists() is (writes == 302)
