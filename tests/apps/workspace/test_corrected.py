"""The trial page tells each correction: the old value beside the new one, who, and why."""

import pytest

from apps.accounts.models import User
from apps.trials.correcting import Act, correct_row
from apps.trials.models import StimulationTrial
from apps.trials.services import change_trial
from apps.workspace.corrected import Line, lines_of
from tests.apps.workspace.conftest import Visit
from tests.apps.workspace.test_trial_page import text_of
from tests.factories import CORRECTS, NOW, make_event

pytestmark = pytest.mark.django_db
EMPTY = "No saved value was changed."


def test_a_choice_is_told_in_the_words_of_its_form(trial: StimulationTrial) -> None:
    event = make_event(trial, severity="severe", serious=True, serious_because="hospital")
    event.severity, event.serious, event.serious_because = "mild", False, ""
    correct_row(event, trial=trial, fields=["severity", "serious", "serious_because"], act=CORRECTS)

    lines = list(lines_of(trial.corrections.all(), names={"staff:1": "C. Ordinator"}))

    assert [(line.what, line.old, line.new) for line in lines] == [
        (f"Adverse event {event.pk}, serious", "yes", "no"),
        (f"Adverse event {event.pk}, serious because", "Hospital stay, begun or prolonged", "–"),
        (f"Adverse event {event.pk}, severity", "Severe", "Mild"),
    ]
    assert {(line.who, line.code, line.reason) for line in lines} == {
        ("C. Ordinator", "The chart, the form or the device says otherwise", "as the chart has it")
    }


def test_the_page_shows_the_old_value_beside_the_new_one(
    trial: StimulationTrial, coordinator: User, as_staff: Visit
) -> None:
    assert EMPTY in text_of(as_staff(coordinator), trial)
    old = trial.diary_from
    act = Act(f"staff:{coordinator.pk}", NOW, CORRECTS.why)
    change_trial(trial.pk, changes={"diary_from": old.replace(year=old.year - 1)}, act=act)

    (line,) = (
        as_staff(coordinator).get(f"/staff/trials/stimulationtrial/{trial.pk}/change/").context["corrections"]
    )

    assert line == Line(
        at=NOW,
        who=coordinator.get_full_name() or coordinator.get_username(),
        what="Diary from",
        old=str(old),
        new=str(old.replace(year=old.year - 1)),
        code="The chart, the form or the device says otherwise",
        reason="as the chart has it",
    )


def test_an_analyst_is_shown_none_for_their_words_may_name_people(
    trial: StimulationTrial, analyst: User, as_staff: Visit
) -> None:
    page = text_of(as_staff(analyst), trial)

    assert "Corrections by staff" not in page
