"""Which decision stands: of a trial that was decided again only the last."""

from apps.accounts.models import Clinic
from apps.outcomes.models import Decision
from apps.outcomes.standing import standing_decision, standing_decisions
from sctrial.choices import Choice
from tests.factories.deciding import SIGNING, make_decision, make_waiting


def test_a_decision_that_another_replaced_stands_no_more(clinic: Clinic) -> None:
    trial = make_waiting(clinic)
    deferred = make_decision(trial, choice=Choice.DEFER)
    assert list(standing_decisions()) == [deferred]

    last = Decision.objects.create(
        trial=trial,
        assessment=deferred.assessment,
        choice=Choice.IMPLANT.value,
        decided_at=SIGNING,
        supersedes=deferred,
    )

    assert list(standing_decisions()) == [last]
    assert standing_decision(trial) == last
