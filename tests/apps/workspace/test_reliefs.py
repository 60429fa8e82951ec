"""Two measurements of one relief: both are shown, and a disagreement is said."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.diary.models import QuestionnaireResponse
from apps.outcomes.services import assess
from apps.trials.models import StimulationTrial
from apps.workspace.reliefs import WHAT_THEN, both_reliefs
from apps.workspace.verdicts import read_assessment
from tests.apps.workspace.conftest import Visit, today

pytestmark = pytest.mark.django_db

FAR = "They lie more than 20 points apart."
STATED = "Only the stated one reaches the threshold."


@pytest.mark.parametrize(
    ("stated", "value", "note", "flag"),
    [
        (None, "none", "no stated relief yet; the app asks for it on the days of the trial", ""),
        ("40", "40 %", "9.81 points less than the 49.81 % of the diary", ""),
        ("50", "50 %", "0.19 points more than the 49.81 % of the diary", STATED),
        ("70", "70 %", "20.19 points more than the 49.81 % of the diary", f"{FAR} {STATED}"),
        ("-10", "-10 %", "59.81 points less than the 49.81 % of the diary", FAR),
    ],
)
def test_the_stated_relief_stands_beside_the_diarys(
    trial: StimulationTrial, stated: str | None, value: str, note: str, flag: str
) -> None:
    """The diary gives 100 * (53/7 - 19/5) / (53/7) = 2640/53 = 49.81 % under a rule that asks for 50 %."""
    reading = read_assessment(trial.assessments.get(rule_set_id="MAC_NORIDIAN"), rules={})

    both = both_reliefs(reading, facts={"stated_relief": stated})

    assert Fraction(reading.row.verdict["reduction"]["exact"]) == Fraction(2640, 53)
    assert (both.value, both.note.removeprefix("in the patient's own words; ")) == (value, note)
    assert both.flag == (f"{flag} {WHAT_THEN}" if flag else "")


def test_the_trial_page_says_that_they_disagree(
    trial: StimulationTrial, coordinator: User, as_staff: Visit
) -> None:
    client = as_staff(coordinator)
    assert "The two reliefs disagree." not in page_of(client, trial)

    QuestionnaireResponse.objects.create(
        trial=trial, instrument="stated_relief", version="1", answered_on=today(), answers={"percent": 80}
    )
    assess(trial.pk, at=datetime.now(UTC))

    page = page_of(client, trial)
    assert "The two reliefs disagree." in page
    assert "30.19 points more than the 49.81 % of the diary" in page


def page_of(client: Client, trial: StimulationTrial) -> str:
    return client.get(f"/staff/trials/stimulationtrial/{trial.pk}/change/").content.decode()
