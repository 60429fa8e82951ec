"""The analyst's pages: make a snapshot, open it, take its files, see what changed."""

import hashlib
from collections.abc import Callable

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from apps.cohorts.downloads import OF_ALL, OF_TABLE
from apps.cohorts.models import Snapshot
from sctrial.dictionary import read_cdisc
from tests.apps.cohorts.test_diary_rows import answer
from tests.apps.cohorts.test_services import make_cohort
from tests.factories import make_entries, make_trial

LIST = reverse("cohorts:snapshots")


@pytest.fixture
def visit(client: Client) -> Callable[[User], Client]:
    def log_in(user: User) -> Client:
        client.force_login(user)
        return client

    return log_in


@pytest.fixture
def browser(clinic: Clinic, analyst: User, visit: Callable[[User], Client]) -> Client:
    """The analyst's, of a clinic with five trials."""
    make_cohort(clinic)
    return visit(analyst)


def make(browser: Client, **asked: str) -> Snapshot:
    before = set(Snapshot.objects.values_list("pk", flat=True))
    answer = browser.post(LIST, {"form": "study_days"} | asked)
    assert answer.status_code == 302, answer.context["form"].errors
    return Snapshot.objects.exclude(pk__in=before).get()


def body(response: object) -> bytes:
    assert isinstance(response, StreamingHttpResponse)
    return response.getvalue()


def test_an_empty_list_says_what_to_do(browser: Client) -> None:
    page = browser.get(LIST)

    assert "None yet. Ask above" in page.content.decode()


def test_a_question_becomes_a_snapshot_that_is_listed(browser: Client, clinic: Clinic) -> None:
    made = make(browser, modality="SCS")

    assert made.question == "modality=SCS"
    page = browser.get(LIST).content.decode()
    assert made.pk in page
    assert clinic.name in page


def test_the_page_of_a_snapshot_has_every_table_in_every_format(browser: Client) -> None:
    made = make(browser)
    page = browser.get(reverse("cohorts:snapshot", args=[made.pk])).content.decode()

    for table in made.manifest["tables"]:
        for ending in OF_TABLE:
            assert reverse("cohorts:download", args=[made.pk, table, ending]) in page
    assert all(reverse("cohorts:download", args=[made.pk, "all", ending]) in page for ending in OF_ALL)
    assert "There is no other snapshot in this form yet" in page


def test_a_csv_is_the_file_whose_digest_is_shown(browser: Client) -> None:

    made = make(browser)
    answer = browser.get(reverse("cohorts:download", args=[made.pk, "trials", "csv"]))

    assert hashlib.sha256(body(answer)).hexdigest() == made.manifest["tables"]["trials"]["sha256"]
    assert answer["Content-Disposition"] == f'attachment; filename="{made.pk}-trials.csv"'


@pytest.mark.parametrize("ending", OF_TABLE)
def test_a_table_is_taken_and_the_trail_says_by_whom(ending: str, browser: Client, analyst: User) -> None:
    made = make(browser)
    answer = browser.get(reverse("cohorts:download", args=[made.pk, "trials", ending]))

    assert body(answer)
    event = AuditEvent.objects.get(action="download")
    assert (event.actor, event.detail["table"], event.detail["format"]) == (
        f"staff:{analyst.pk}",
        "trials",
        ending,
    )


@pytest.mark.parametrize("name", read_cdisc())
def test_a_cdisc_style_table_is_taken_like_any_other(name: str, browser: Client) -> None:
    made = make(browser)
    places = [reverse("cohorts:download", args=[made.pk, name, ending]) for ending in OF_TABLE]

    assert all(body(browser.get(place)) for place in places)
    assert body(browser.get(places[0])).startswith(b'"STUDYID","USUBJID"')


@pytest.mark.parametrize("ending", OF_ALL)
def test_all_tables_are_taken_in_one_file(ending: str, browser: Client) -> None:
    made = make(browser)

    assert body(browser.get(reverse("cohorts:download", args=[made.pk, "all", ending])))


@pytest.mark.parametrize("rest", [("trials", "exe"), ("patients", "csv"), ("all", "csv"), ("trials", "xlsx")])
def test_a_file_that_there_is_not_is_not_found(rest: tuple[str, str], browser: Client) -> None:
    made = make(browser)

    assert browser.get(reverse("cohorts:download", args=[made.pk, *rest])).status_code == 404
    assert not AuditEvent.objects.filter(action="download").exists()


def test_two_snapshots_tell_what_changed_and_why(browser: Client, clinic: Clinic) -> None:
    first = make(browser)
    trial = make_trial(clinic=clinic)
    make_entries(clinic.trials.exclude(pk=trial.pk).latest("id"), {"2026-10-09": 4})
    second = make(browser)

    page = browser.get(reverse("cohorts:compare", args=[second.pk]), {"with": first.pk}).content.decode()

    assert "1 changed, 1 added, 0 gone, 4 the same." in page
    assert "1 entry added" in page


def test_an_answer_about_sleep_alone_is_told(browser: Client, clinic: Clinic) -> None:
    first = make(browser)
    answer(clinic.trials.latest("id"), "sleep", {"number": 7})
    second = make(browser)

    page = browser.get(reverse("cohorts:compare", args=[second.pk]), {"with": first.pk}).content.decode()

    assert first.pk != second.pk
    assert "1 changed, 0 added, 0 gone, 4 the same." in page
    assert "1 value of a day added (sleep)" in page


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [
        ({"from": "yesterday"}, "from", "write it as 2026-10-31"),
        ({"diagnosis": "back"}, "diagnosis", "write M54 or M96.1"),
        ({"rule_set": "UNHEARD"}, "rule_set", "is not known"),
        ({"form": "identified"}, "form", "Select a valid choice"),
        ({"modality": "DRG"}, "__all__", "means 0 patients"),
    ],
)
def test_what_cannot_be_asked_is_told_beside_its_field_and_nothing_is_kept(
    asked: dict[str, str], field: str, words: str, browser: Client
) -> None:
    answer = browser.post(LIST, {"form": "study_days"} | asked)

    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors[field])
    assert not Snapshot.objects.exists()


def test_a_clinician_gets_identified_tables_with_a_reason(
    clinic: Clinic, clinician: User, visit: Callable[[User], Client]
) -> None:
    make_cohort(clinic, 2)
    browser = visit(clinician)

    refused = browser.post(LIST, {"form": "identified"})
    made = make(browser, form="identified", reason="Audit of implants")

    assert "say what the identified tables are needed for" in str(refused.context["form"].errors)
    assert "Audit of implants" in browser.get(reverse("cohorts:snapshot", args=[made.pk])).content.decode()


def test_a_coordinator_is_refused_and_a_stranger_finds_nothing(
    browser: Client, coordinator: User, stranger: User, visit: Callable[[User], Client]
) -> None:
    made = make(browser)
    places = [
        reverse("cohorts:snapshot", args=[made.pk]),
        reverse("cohorts:download", args=[made.pk, "trials", "csv"]),
        reverse("cohorts:compare", args=[made.pk]) + f"?with={made.pk}",
    ]

    assert [visit(coordinator).get(place).status_code for place in [LIST, *places]] == [403] * 4
    assert [visit(stranger).get(place).status_code for place in places] == [404] * 3


def test_there_is_nothing_to_compare_with_what_is_not_open(browser: Client) -> None:
    made = make(browser)

    page = browser.get(reverse("cohorts:compare", args=[made.pk]), {"with": "2026-01-01-none"}, follow=True)

    assert "Choose another snapshot in the same form" in page.content.decode()


def test_who_is_not_signed_in_is_sent_to_the_login(client: Client) -> None:
    assert client.get(LIST).status_code == 302
    assert client.get(reverse("cohorts:snapshot", args=["x"])).status_code == 302


def test_the_worklist_leads_analysts_here(browser: Client) -> None:
    assert f'href="{LIST}"' in browser.get(reverse("admin:index")).content.decode()
