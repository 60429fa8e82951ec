"""A filter is asked as it was meant or refused by its name: on no page is one passed over."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Clinic, User
from apps.cohorts.models import ReportSchedule, Snapshot

PAGES = [reverse(f"cohorts:{name}") for name in ("report", "verdicts", "snapshots", "schedules")]
SCHEDULE = {"makes": "snapshot-study_days", "on": "week-1", "hour": "6"}


@pytest.fixture
def browser(client: Client, analyst: User) -> Client:
    client.force_login(analyst)
    return client


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("asked", "name", "remedy"),
    [
        ("foo=1", "foo", "write one of from, to, modality"),
        ("foo=", "foo", "write one of from, to, modality"),
        ("Modality=SCS", "Modality", "write one of from, to, modality"),
        ("modality=XYZ", "modality", "write one of SCS, DRG"),
        ("modality=SCS&modality=DRG", "modality", "give it once"),
        ("clinic=north", "clinic", "write one such as 3"),
    ],
)
def test_an_address_that_cannot_be_asked_is_refused_on_every_page(
    page: str, asked: str, name: str, remedy: str, browser: Client
) -> None:
    answer = browser.get(f"{page}?{asked}")

    words = answer.content.decode()
    assert answer.status_code == 422
    assert remedy in words
    assert f"\u201c{name}\u201d" in words or f'id="id_{name}_error"' in words
    assert answer.context.get("report") is None


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_filter_is_not_asked_for_as_forms_send_it(page: str, browser: Client) -> None:
    assert browser.get(f"{page}?modality=&from=&order=first").status_code == 200


@pytest.mark.parametrize("page", ["snapshots", "schedules"])
@pytest.mark.parametrize("more", [{"foo": "1"}, {"modality": ["SCS", "DRG"]}, {"clinic": "999999"}])
def test_a_form_that_cannot_be_asked_keeps_nothing(
    page: str, more: dict[str, object], browser: Client, clinic: Clinic
) -> None:
    sent: dict[str, object] = (
        {**SCHEDULE, "clock": clinic.pk} if page == "schedules" else {"form": "study_days"}
    )
    answer = browser.post(reverse(f"cohorts:{page}"), {**sent, **more})

    assert answer.status_code == 422
    assert next(iter(more)) in str(answer.context["form"].errors)
    assert not Snapshot.objects.exists()
    assert not ReportSchedule.objects.exists()


def test_a_clinic_of_others_is_refused_where_the_form_has_no_field_for_it(browser: Client) -> None:
    answer = browser.get(PAGES[0], {"clinic": "999999"})

    assert answer.status_code == 422
    assert "names 999999, which is not among the clinics that you may read" in answer.content.decode()


def test_the_address_of_a_question_fills_the_form(browser: Client) -> None:
    page = browser.get(reverse("cohorts:snapshots"), {"modality": "DRG"}).content.decode()

    assert '<option value="DRG" selected>' in page
