"""On the page of a trial one reason is asked for all saved values that are changed, and by its own fields."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from apps.trials.models import AdverseEvent, Correction, StimulationTrial
from apps.trials.whys import NEEDED, why_in
from tests.apps.workspace.conftest import Visit
from tests.apps.workspace.test_trial_page import errors_of, fields_of, url_of
from tests.factories import make_event, make_lead, make_trial

pytestmark = pytest.mark.django_db
WHY = {"why_code": "mistyped", "why": "one line too low"}


@pytest.fixture
def client(coordinator: User, as_staff: Visit) -> Client:
    return as_staff(coordinator)


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    made = make_trial(clinic=clinic, goal="walk to the bakery")
    make_lead(made)
    make_event(made, action="")
    return made


def rows_errors(response: Any) -> list[str]:
    formsets = [inline.formset for inline in response.context["inline_admin_formsets"]]
    return [error for formset in formsets for error in formset.non_form_errors()]


# fmt: off
CHANGES: list[tuple[dict[str, str], set[str], list[str]]] = [
    # sent                                                     refused at       below
    ({"goal": "run"},                                          {"why_code"},    []),
    ({"goal": "run", "why_code": "other"},                     {"why"},         []),
    ({"goal": "run", "why": "words alone"},                    {"why_code"},    []),
    ({"goal": ""},                                             {"why_code"},    []),
    ({"leads-0-level": "T9"},                                  set(),           [NEEDED]),
    ({"adverse_events-0-severity": "severe"},                  set(),           [NEEDED]),
    ({"adverse_events-0-severity": "severe", "goal": "run"},   {"why_code"},    [NEEDED]),
]
# fmt: on


@pytest.mark.parametrize(("sent", "refused", "below"), CHANGES)
def test_a_saved_value_is_not_typed_over_without_a_reason(
    trial: StimulationTrial, client: Client, sent: dict[str, str], refused: set[str], below: list[str]
) -> None:
    response = client.post(url_of(trial), fields_of(client, url_of(trial)) | sent)

    assert response.status_code == 200
    assert (set(errors_of(response)), rows_errors(response)) == (refused, below)
    assert not Correction.objects.exists()
    again = client.post(url_of(trial), fields_of(client, url_of(trial)) | sent | WHY)
    assert again.status_code == 302, errors_of(again)
    assert {row.code for row in Correction.objects.all()} == {"mistyped"}


def test_what_was_empty_is_filled_in_without_one(trial: StimulationTrial, client: Client) -> None:
    sent = fields_of(client, url_of(trial)) | {"adverse_events-0-action": "none", "leads-0-is_kept": "on"}

    assert client.post(url_of(trial), sent).status_code == 302

    assert AdverseEvent.objects.get().action == "none"
    assert not Correction.objects.exists()
    assert {e.object_type for e in AuditEvent.objects.filter(action="change")} == {"adverseevent", "lead"}


def test_the_reason_stands_in_the_trail_of_each_row_that_it_changed(
    trial: StimulationTrial, client: Client
) -> None:
    sent = {"leads-0-level": "T9", "adverse_events-0-severity": "severe", "goal": "run"}

    client.post(url_of(trial), fields_of(client, url_of(trial)) | sent | WHY)

    events = AuditEvent.objects.filter(action="change")
    assert {(e.object_type, e.reason, e.detail["why"]) for e in events} == {
        ("lead", "one line too low", "mistyped"),
        ("adverseevent", "one line too low", "mistyped"),
        ("trial", "one line too low", "mistyped"),
    }


def test_a_page_that_is_sent_back_unchanged_says_that_nothing_was_written(
    trial: StimulationTrial, client: Client
) -> None:
    page = client.post(url_of(trial), fields_of(client, url_of(trial)), follow=True).content.decode()

    assert "Nothing was changed, so nothing was written." in page


def test_a_page_without_the_fields_gives_no_reason() -> None:
    assert why_in({}).code == ""


def test_an_event_of_a_trial_does_not_begin_before_its_leads_were_placed(
    trial: StimulationTrial, client: Client
) -> None:
    """8 October; "10/8" read the other way round would be the tenth of August."""
    sent = fields_of(client, url_of(trial)) | WHY | {"adverse_events-0-onset_on": "2026-08-10"}

    response = client.post(url_of(trial), sent)

    formsets = {inline.formset.prefix: inline.formset for inline in response.context["inline_admin_formsets"]}
    assert formsets["adverse_events"].errors == [
        {"onset_on": ["Before the leads were placed on 2026-10-08: check day and month."]}
    ]


def test_a_day_is_chosen_in_the_browsers_calendar_and_sent_with_the_year_first(
    trial: StimulationTrial, client: Client
) -> None:
    page = client.get(url_of(trial)).content.decode()
    refused = client.post(url_of(trial), fields_of(client, url_of(trial)) | {"diary_from": "11/10/2026"})

    assert '<input type="date" name="lead_placed_on" value="2026-10-08"' in page
    assert errors_of(refused)["diary_from"] == ["Enter a valid date."]
