"""A report says what it rests on: address, clinics, rule sets, engine, and a digest of the rows."""

from datetime import UTC, datetime, timedelta

from django.test import Client
from django.urls import reverse

from apps.accounts.models import Clinic, User
from apps.cohorts.question import read_question
from apps.cohorts.reports.report import Report, report_of
from apps.cohorts.reports.source import OTHERS
from apps.trials.models import StimulationTrial
from sctrial import ENGINE_VERSION
from tests.apps.cohorts.asking import access_to
from tests.factories import make_entries
from tests.factories.cohort_stories import make_stories

LATER, MINUTE = datetime(2026, 12, 24, 12, tzinfo=UTC), timedelta(minutes=1)


def report(*clinics: Clinic, text: str = "", shared: bool = False, later: timedelta = MINUTE) -> Report:
    return report_of(read_question(text), access=access_to(*clinics), at=LATER + later, shared=shared)


def test_the_same_rows_have_one_digest_a_minute_later(clinic: Clinic) -> None:
    make_stories(clinic)

    assert report(clinic).source.data == report(clinic, later=2 * MINUTE).source.data


def test_one_more_score_is_another_digest(clinic: Clinic) -> None:
    trials = make_stories(clinic)
    before = report(clinic).source.data
    make_entries(trials[0], {"2026-10-03": 8})

    assert report(clinic).source.data != before


def test_the_clinic_is_named_and_the_address_means_it_for_whoever_asks(
    clinic: Clinic, other_clinic: Clinic
) -> None:
    make_stories(clinic)
    one = report(clinic, text="modality=SCS").source
    both = report(clinic, other_clinic, text=one.address.partition("?")[2]).source

    assert (one.question, one.clinics) == ("modality SCS", (clinic.name,))
    assert one.address.endswith(f"{reverse('cohorts:report')}?modality=SCS&clinic={clinic.pk}")
    assert one == both


def test_a_shared_report_names_no_clinic_and_no_rule_set_of_few(clinic: Clinic) -> None:
    trials = make_stories(clinic)
    StimulationTrial.objects.filter(pk=trials[0].pk).update(rule_set_id="NORTH_PP")
    inside, outside = report(clinic).source, report(clinic, shared=True).source

    assert outside.clinics == ("1 clinic",)
    assert [rule.split()[0] for rule in inside.rule_sets] == ["MAC_NORIDIAN", "NORTH_PP"]
    assert outside.rule_sets == (inside.rule_sets[0], OTHERS)


def test_page_and_json_say_it(client: Client, clinic: Clinic, analyst: User) -> None:
    make_stories(clinic)
    client.force_login(analyst)
    page = client.get(reverse("cohorts:report"), {"order": "first"})
    made = client.get(reverse("cohorts:report_file", args=["clinic", "json"]), {"order": "first"}).json()

    source = page.context["report"].source
    assert made["clinics"] == [clinic.name]
    assert (made["engine"], made["rule_sets"]) == (ENGINE_VERSION, list(source.rule_sets))
    assert (made["address"], made["data"]) == (source.address, source.data)
    words = page.content.decode()
    assert all(part in words for part in (clinic.name, source.data, "First trials of patients"))
