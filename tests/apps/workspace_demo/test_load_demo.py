"""`manage.py load_demo`: each story ends as told, whatever the seed; a second run changes nothing."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import Model
from django.utils import timezone
from pytest_django import Settings
from pytest_django.plugin import DjangoDbBlocker

from apps.accounts.models import Clinic, Role, StaffMembership, User
from apps.audit.models import AuditEvent
from apps.diary.models import DiaryEntry, DiaryImport, PatientDevice
from apps.outcomes.models import Assessment
from apps.outcomes.selectors import stale_trials
from apps.patients.models import Patient
from apps.trials.models import ProgramInterval, StimulationTrial
from apps.workspace.demo.digest import demo_digest
from apps.workspace.demo.loading import NotADemo, loading_steps
from sctrial.criteria import rule_sets
from sctrial.phases import Phase
from tests.apps.workspace_demo.conftest import kept_for_many

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db

# Practice parameters: half the pain AND no more analgesics AND satisfied.
# Contractor: half the pain OR half the analgesics.
# Unknown is not "no": a rule stays not evaluable while what is missing could still decide it.
VERDICTS = """
    patient  practice parameters  contractor      why
    N-01     met                  met             clear responder
    N-02     not_met              not_met         49.8 %, shown as 50 %
    N-03     met                  met             exactly 50 %
    N-04     not_met              not_met         non-responder
    N-05     not_evaluable        met             silent: not yet asked whether satisfied
    N-06     not_evaluable        met             infection: never asked whether satisfied
    N-07     met                  met             wound pain is another region
    N-08     not_evaluable        met             second day: not yet asked whether satisfied
    S-01     not_met              not_met         worse, and more opioids
    S-02     met                  met             the second program helped
    S-03     met                  met             traveller
    S-04     not_evaluable        not_evaluable   no percent of a baseline of 0
    S-05     not_met              met             30 % less pain, half the opioids
    S-06     met                  met             three answers a day
"""
STORIES, OPEN_DATA = 14 + 13, 7
YOUNG = ("N-0", "S-0")
EXPECTED = {line.split()[0]: tuple(line.split()[1:3]) for line in VERDICTS.strip().splitlines()[1:]}
EXACT = {"N-02": "2640/53", "N-03": "50/1", "N-06": "1100/21", "S-01": "-1900/81", "S-05": "30/1"}
SEEDS = (1, 2, 3)
MODELS: tuple[type[Model], ...] = (
    User,
    StaffMembership,
    Patient,
    StimulationTrial,
    DiaryEntry,
    PatientDevice,
    Assessment,
    AuditEvent,
)


def load(*names: str, seed: int = 1) -> int:
    """All steps, or only those that begin like one of ``names``, and the verdicts."""
    steps = loading_steps(seed=seed, today=NOW.date(), now=NOW)
    wanted = (*names, "verdicts") if names else ("",)
    return sum(step.run() for step in steps if step.name.startswith(wanted))


def verdicts() -> dict[str, tuple[str, str]]:
    answers = {
        (row.trial.patient.pseudonym, row.rule_set_id): row.answer
        for row in Assessment.objects.select_related("trial__patient")
        if row.trial.patient.pseudonym in EXPECTED
    }
    return {
        pseudonym: (answers[pseudonym, "NORTH_PP"], answers[pseudonym, "MAC_NORIDIAN"])
        for pseudonym in EXPECTED
    }


def exact(pseudonym: str) -> str:
    own = Assessment.objects.get(trial__patient__pseudonym=pseudonym, rule_set_id="NORTH_PP")
    percent: str = own.verdict["reduction"]["exact"]
    return percent


@dataclass(frozen=True, kw_only=True)
class Told:
    """What was found of a demo."""

    digest: str
    verdicts: dict[str, tuple[str, str]]
    exact: dict[str, str]


def told() -> Told:
    return Told(digest=demo_digest(), verdicts=verdicts(), exact={name: exact(name) for name in EXACT})


def told_in_one_go(seed: int, blocker: DjangoDbBlocker) -> Told:
    with kept_for_many(blocker):
        load(*YOUNG, seed=seed)
        return told()


@pytest.fixture(scope="module")
def in_one_go(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> dict[int, Told]:
    """By seed."""
    return {seed: told_in_one_go(seed, django_db_blocker) for seed in SEEDS}


@pytest.mark.parametrize("seed", SEEDS)
def test_each_story_ends_as_told_whatever_the_seed(seed: int, in_one_go: dict[int, Told]) -> None:
    assert in_one_go[seed].verdicts == EXPECTED
    assert in_one_go[seed].exact == EXACT


def test_another_seed_gives_other_rows(in_one_go: dict[int, Told]) -> None:
    assert len({found.digest for found in in_one_go.values()}) == len(SEEDS)


@pytest.fixture(scope="class")
def parts(in_one_go: dict[int, Told], django_db_blocker: DjangoDbBlocker) -> Iterator[int]:
    """How many a second try had left to do; what both have loaded stands."""
    with kept_for_many(django_db_blocker):
        steps = loading_steps(seed=1, today=NOW.date(), now=NOW)
        for _ in range(5):
            next(steps).run()
        yield load(*YOUNG)


@pytest.mark.usefixtures("parts")
class TestALoadThatWasCutOff:
    """And was taken up again."""

    def test_it_does_what_is_left_and_the_verdicts(self, parts: int) -> None:
        assert parts == 14 - 5 + 1

    def test_the_same_seed_gives_the_same_rows(self, in_one_go: dict[int, Told]) -> None:
        assert told() == in_one_go[1]

    def test_running_trials_run_and_finished_ones_wait_for_a_decision(self) -> None:
        phases = dict(StimulationTrial.objects.values_list("patient__pseudonym", "phase"))
        running = {pseudonym for pseudonym, phase in phases.items() if phase == Phase.TRIAL_ACTIVE}
        assert running == {"N-05", "N-08"}
        young = {phase for pseudonym, phase in phases.items() if pseudonym in EXPECTED}
        assert young == {Phase.TRIAL_ACTIVE, Phase.DECISION_PENDING}

    def test_answers_arrive_within_a_minute_of_being_given(self) -> None:
        delays = {
            (entry.received_at - entry.captured_at).total_seconds()
            for entry in DiaryEntry.objects.exclude(captured_at=None)
            if entry.captured_at is not None
        }
        assert 0 < min(delays) <= max(delays) < 60


def load_all(**options: int) -> str:
    """By the command; what it printed."""
    out = StringIO()
    call_command("load_demo", stdout=out, **options)
    return out.getvalue()


@pytest.fixture(scope="class")
def printed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """By the command, when it loaded everything."""
    with kept_for_many(django_db_blocker):
        yield load_all()


@pytest.mark.usefixtures("printed")
class TestTheWhole:
    def test_the_command_prints_the_digest(self, printed: str) -> None:
        assert printed == f"35 of 35 parts were new. Digest of the demo: {demo_digest()}\n"

    @pytest.mark.parametrize("seed", [1, 2])
    def test_a_second_run_changes_nothing_and_shows_how_far_it_is(
        self, seed: int, printed: str, capfd: pytest.CaptureFixture[str]
    ) -> None:
        rows = [model._default_manager.count() for model in MODELS]

        assert load_all(seed=seed) == printed.replace("35 of", "0 of", 1)

        assert "Demo: " in capfd.readouterr().err
        assert [model._default_manager.count() for model in MODELS] == rows

    def test_every_trial_is_judged_at_once(self) -> None:
        assert not stale_trials(on=timezone.now().date()).exists()
        # Those that were signed were judged before, by rules in force on that day, which are among today's.
        assert Assessment.objects.count() == (STORIES + OPEN_DATA) * len(rule_sets())


def test_the_traveller_crossed_zones_and_a_clock_change() -> None:
    load("S-03")

    entries = DiaryEntry.objects.filter(trial__patient__pseudonym="S-03")
    crossed = set(entries.values_list("zone", "utc_offset_minutes"))
    # Clocks in Berlin went back on 25 October 2026, those in New York on 1 November.
    assert crossed == {
        ("Europe/Berlin", 2 * 60),
        ("Europe/Berlin", 1 * 60),
        ("Atlantic/Reykjavik", 0),
        ("America/New_York", -4 * 60),
        ("America/New_York", -5 * 60),
    }
    average = entries.filter(kind="average")
    assert Counter(average.values_list("diary_day", flat=True)).most_common(1)[0][1] == 1
    assert average.count() == 7 + 7


def test_the_wound_is_a_region_of_its_own() -> None:
    load("N-07")

    regions = DiaryEntry.objects.filter(trial__patient__pseudonym="N-07").values_list("region", flat=True)
    assert set(regions) == {"target", "wound"}


def test_the_change_of_program_is_on_record() -> None:
    load("S-02")

    first, second = ProgramInterval.objects.filter(trial__patient__pseudonym="S-02")
    assert first.ended_on is not None
    assert (second.started_on - first.ended_on).days == 1


def test_the_open_diaries_are_in_a_clinic_of_their_own() -> None:
    load("Participant")

    imported = DiaryImport.objects.filter(trial__clinic__name="Open data (MyAIGuide)")
    assert sorted(imported.values_list("trial__patient__pseudonym", flat=True)) == [
        f"MyAIGuide-{number}" for number in (2, 3, 4, 5, 6, 7, 9)
    ]
    assert sum(each.report["rows"]["read"] for each in imported) == 1460


def test_each_clinic_has_one_of_each_role() -> None:
    load("N-01")

    for clinic in Clinic.objects.all():
        roles = sorted(StaffMembership.objects.filter(clinic=clinic).values_list("role", flat=True))
        assert roles == sorted(role.value for role in Role)
    assert User.objects.count() == 2 * len(Role)
    assert not User.objects.filter(is_superuser=True).exists()


def test_it_refuses_where_real_people_may_be_kept(settings: Settings) -> None:
    settings.DEMO = False

    with pytest.raises(CommandError, match=r"settings\.DEMO is false"):
        call_command("load_demo")
    with pytest.raises(NotADemo):
        load()
    assert not Clinic.objects.exists()
    assert not User.objects.exists()
