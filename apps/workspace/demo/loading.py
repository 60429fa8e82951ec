"""Load the demo: clinics and staff, made-up trials, open diaries, and a verdict on each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import partial
from random import Random

from django.conf import settings

from apps.accounts.models import Clinic
from apps.outcomes.selectors import stale_trials
from apps.outcomes.services import assess
from apps.trials.models import StimulationTrial
from apps.workspace.demo.cast import OPEN_DATA, DemoClinic, ensure_clinics, ensure_staff
from apps.workspace.demo.open_data import import_open_diary, open_diaries
from apps.workspace.demo.stories import stories
from apps.workspace.demo.telling import tell

SEED = 1


class NotADemo(RuntimeError):
    """This installation may hold real people."""


@dataclass(frozen=True)
class Step:
    """A piece of work with a name for the progress bar; ``run`` says whether it wrote anything."""

    name: str
    run: Callable[[], bool]


def require_demo() -> None:
    if not settings.DEMO:
        raise NotADemo(
            "refused: settings.DEMO is false, so this database may hold real people. "
            "Passwords of the demo are public. Set DEMO=1 only where nothing real is kept."
        )


def loading_steps(*, seed: int, today: date, now: datetime) -> Iterator[Step]:
    """The whole demo in steps, each one complete in itself: a load that was cut off is taken up again."""
    require_demo()
    clinics = ensure_clinics()
    # Not ``now``: two loads on one day must give the same rows.
    midnight = datetime.combine(today, time(0), UTC)
    ensure_staff(clinics, at=midnight)
    for story in stories(seed=seed, today=today):
        rng = Random(f"{seed}/telling/{story.name}")  # noqa: S311 — nothing secret
        yield Step(story.name, partial(tell, story, clinic=clinics[story.clinic], rng=rng))
    open_data = partial(import_open_diary, clinic=clinics[OPEN_DATA], seed=seed, at=midnight)
    for path in open_diaries():
        yield Step(path.stem, partial(open_data, path))
    yield Step("verdicts", lambda: assess_demo(clinics, now=now) > 0)


def assess_demo(clinics: dict[DemoClinic, Clinic], *, now: datetime) -> int:
    """How many trials of the demo were not current."""
    stale = StimulationTrial.objects.filter(
        clinic__in=clinics.values(), pk__in=stale_trials(on=now.astimezone(UTC).date())
    )
    trial_ids = list(stale.values_list("pk", flat=True))
    for trial_id in trial_ids:
        assess(trial_id, at=now)
    return len(trial_ids)
