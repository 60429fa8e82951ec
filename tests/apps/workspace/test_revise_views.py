"""From the trial page to the page of one answer, and back: corrected, struck out, restored."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.diary.models import DiaryAnswer, DiaryEntry, OpioidUse
from apps.diary.selectors import standing
from apps.outcomes.services import assess
from apps.trials.models import StimulationTrial
from tests.apps.workspace.busy import make_busy
from tests.apps.workspace.conftest import Visit, first_day
from tests.apps.workspace.test_trial_page import text_of, url_of

pytestmark = pytest.mark.django_db
WHY = {"why_code": "mistyped", "why": "touched 9 for 3"}


def page_of(trial: StimulationTrial, row: object, *, of: str = "entry") -> str:
    return f"/staff/trials/stimulationtrial/{trial.pk}/revise/{of}/{getattr(row, 'pk', row)}/"


@pytest.fixture
def client(coordinator: User, as_staff: Visit) -> Client:
    return as_staff(coordinator)


@pytest.fixture
def entry(trial: StimulationTrial) -> DiaryEntry:
    """The last evening of the trial: a 4."""
    return trial.entries.latest("diary_day")


def percent(client: Client, trial: StimulationTrial) -> str:
    assess(trial.pk, at=datetime.now(UTC))
    return str(client.get(url_of(trial)).context["figures"][0].value)


def test_a_score_is_corrected_and_the_verdict_is_made_anew(
    trial: StimulationTrial, entry: DiaryEntry, client: Client
) -> None:
    """53/7 against 19/5 is 49.81 %; with a 3 for the last 4 it is 18/5, 1 - 126/265 = 52.45 %."""
    assert page_of(trial, entry) in text_of(client, trial)

    response = client.post(page_of(trial, entry), WHY | {"act": "correct", "said": "3"})

    assert response["Location"] == url_of(trial)
    page = text_of(client, trial)
    assert "Corrections by staff" in page
    assert "touched 9 for 3" in page
    assert "Staff, correcting an answer" in page
    assert "Staff, from a phone call" not in page
    assert page_of(trial, entry) not in page
    assert percent(client, trial) == "52.45 %"


def test_a_score_is_struck_out_and_restored(
    trial: StimulationTrial, entry: DiaryEntry, client: Client
) -> None:
    before = percent(client, trial)
    client.post(page_of(trial, entry), WHY | {"act": "strike"})
    assert not standing(trial.entries.filter(pk=entry.pk)).exists()
    assert "struck out by staff; counts for nothing" in text_of(client, trial)
    assert percent(client, trial) != before

    client.post(page_of(trial, entry), WHY | {"act": "restore"})

    assert percent(client, trial) == before


@pytest.mark.parametrize("act", ["correct", "strike", "restore", "delete", ""])
def test_nothing_is_written_without_a_reason_or_for_an_act_that_there_is_none_of(
    trial: StimulationTrial, entry: DiaryEntry, client: Client, act: str
) -> None:
    response = client.post(page_of(trial, entry), {"act": act, "said": "3"})

    assert response.status_code == 422
    assert not trial.corrections.exists()


def test_what_was_typed_is_kept_when_it_is_refused(
    trial: StimulationTrial, entry: DiaryEntry, client: Client
) -> None:
    page = client.post(
        page_of(trial, entry), {"act": "correct", "said": "3", "why": "kept words"}
    ).content.decode()

    assert 'value="kept words"' in page
    assert "Choose why the saved value is changed." in page


def test_a_page_that_is_old_by_now_is_told_so(
    trial: StimulationTrial, entry: DiaryEntry, client: Client
) -> None:
    client.post(page_of(trial, entry), WHY | {"act": "correct", "said": "3"})

    page = client.post(page_of(trial, entry), WHY | {"act": "correct", "said": "5"}).content.decode()

    assert "Another answer has taken its place" in page
    assert trial.corrections.count() == 1


def test_another_answer_is_corrected_on_a_page_of_its_own_kind(
    trial: StimulationTrial, client: Client
) -> None:
    make_busy(trial)
    row = DiaryAnswer.objects.filter(trial=trial, question="sleep").first() or standing(
        DiaryAnswer.objects.filter(trial=trial)
    ).exclude(question="note").earliest("pk")

    assert client.get(page_of(trial, row, of="answer")).status_code == 200
    assert client.post(page_of(trial, row, of="answer"), WHY | {"act": "strike"}).status_code == 302
    row.refresh_from_db()
    assert row.is_void


def test_a_dose_is_corrected_from_the_record(trial: StimulationTrial, client: Client) -> None:
    dose = OpioidUse.objects.create(trial=trial, day=first_day(), mme=Decimal(30), table_version="CDC 2022")
    assert page_of(trial, dose, of="dose") in text_of(client, trial)

    client.post(page_of(trial, dose, of="dose"), WHY | {"act": "correct", "said": "20"})

    assert [(int(row.mme), row.is_void) for row in OpioidUse.objects.order_by("pk")] == [
        (30, True),
        (20, False),
    ]


@pytest.mark.parametrize(("of", "revised"), [("entry", "7"), ("dose", "x"), ("dose", "7"), ("trial", "7")])
def test_what_is_not_there_is_not_found(
    trial: StimulationTrial, client: Client, of: str, revised: str
) -> None:
    assert client.get(page_of(trial, revised, of=of)).status_code == 404


def test_a_note_is_corrected_by_those_alone_who_may_read_it_and_its_words_stay_out_of_the_list(
    trial: StimulationTrial, client: Client
) -> None:
    make_busy(trial)
    note = DiaryAnswer.objects.filter(trial=trial, question="note").first()
    if note is None:
        pytest.fail("the busy trial has a note")

    client.post(page_of(trial, note, of="answer"), WHY | {"act": "strike"})

    (kept,) = trial.corrections.all()
    assert list(kept.old.values()) == ["a note in the patient's words"]
