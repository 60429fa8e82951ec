"""A trial with evening windows and phones that all speak at once."""

import pytest
from django.utils import timezone

from apps.accounts.models import Clinic
from apps.trials.models import StimulationTrial
from tests.factories import make_device, make_trial


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    return make_trial(clinic=clinic, diary_windows="18:00-24:00")


@pytest.fixture
def tokens(trial: StimulationTrial) -> list[str]:
    """Two phones of one trial."""
    return [make_device(trial, at=timezone.now())[1] for _ in range(2)]
