"""A form from before the trial that is not drawn from what stands: told, and what was typed stays."""

from html import unescape

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.patients.models import ConservativeTherapy, EligibilityReview
from apps.patients.selectors import standing
from apps.trials.models import StimulationTrial
from tests.apps.workspace.conftest import Visit
from tests.apps.workspace.test_before_views import GABAPENTIN, WHY, sent, url_of
from tests.factories import make_therapy


@pytest.fixture
def client(coordinator: User, as_staff: Visit) -> Client:
    return as_staff(coordinator)


def test_who_changes_a_row_that_was_changed_meanwhile_is_told_and_keeps_what_was_typed(
    trial: StimulationTrial, client: Client
) -> None:
    row = make_therapy(trial.patient)
    stale = url_of(trial, f"therapy/{row.pk}/change/")
    client.post(stale, GABAPENTIN | WHY)
    mine = GABAPENTIN | {"dose_mg": "1800"} | WHY

    refused = client.post(stale, mine)

    (newest,) = standing(ConservativeTherapy, trial.patient)
    page = " ".join(unescape(refused.content.decode()).split())
    assert refused.status_code == 409
    assert "Somebody else has written meanwhile" in page
    assert (
        '<th scope="row" lang="en">Agent or kind</th><td lang="en">walking</td><td lang="en">gabapentin'
        in page
    )
    assert 'name="dose_mg" value="1800"' in page
    again = url_of(trial, f"therapy/{newest.pk}/change/")
    assert f'action="{again}"' in page
    assert client.post(again, mine).status_code == 302
    assert standing(ConservativeTherapy, trial.patient).get().dose_mg == 1800


def test_of_two_reviews_written_at_once_the_second_is_told_and_keeps_what_was_typed(
    trial: StimulationTrial, client: Client
) -> None:
    mine = {"reviewed_on": "2026-09-02", "adult": "no", "drawn_from": "0"}
    sent(client, trial, "review/add/", {"reviewed_on": "2026-09-01", "adult": "yes", "drawn_from": "0"})

    refused = sent(client, trial, "review/add/", mine)

    stands = EligibilityReview.objects.get()
    assert refused.status_code == 409
    assert 'value="2026-09-02"' in refused.content.decode()
    assert sent(client, trial, "review/add/", mine | {"drawn_from": str(stands.pk)}).status_code == 302
    assert standing(EligibilityReview, trial.patient).get().adult is False


def test_a_row_that_was_struck_out_meanwhile_is_not_changed(trial: StimulationTrial, client: Client) -> None:
    row = make_therapy(trial.patient)
    sent(client, trial, f"therapy/{row.pk}/strike/", WHY)

    refused = client.post(url_of(trial, f"therapy/{row.pk}/change/"), GABAPENTIN | WHY)

    assert refused.status_code == 409
    assert "restore it first" in refused.content.decode()
    assert not standing(ConservativeTherapy, trial.patient).exists()
