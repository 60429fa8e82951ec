"""manage.py assess: whole blocks give the very rows that one trial at a time gives."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from io import StringIO
from random import Random
from time import monotonic
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Clinic
from apps.diary.models import DiaryEntry, DiaryImport, OpioidUse, PatientDevice, QuestionnaireResponse
from apps.outcomes import selectors, services
from apps.outcomes.blocks import LARGEST_BLOCK, assess_block
from apps.outcomes.models import Assessment, Evidence, TrialCurrency
from apps.trials.models import StimulationTrial
from sctrial.criteria import rule_sets
from sctrial.scales import SCALES, ScaleCode, ScoreKind
from sctrial.windows import Several
from tests.factories import NOW, make_device, make_entries, make_trial

RULES = len(rule_sets())
WINDOWS = ["last-n-days:3", "last-n-days:7", "whole-phase", "exclude-first-n-days:2"]


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("assess", *arguments, stdout=out, verbosity=0)
    return out.getvalue().strip()


def make_varied_trials(clinic: Clinic, *, count: int, seed: int = 7) -> list[StimulationTrial]:
    """Trials of every protocol with gaps, several answers a day, corrections, doses and imports."""
    random = Random(seed)
    trials = [make_varied_trial(clinic, random) for _ in range(count)]
    empty = make_trial(clinic=clinic)
    return [*trials, empty, make_trial(clinic=clinic)]


def make_varied_trial(clinic: Clinic, random: Random) -> StimulationTrial:
    scale = SCALES[random.choice(list(ScaleCode))]
    trial = make_trial(
        clinic=clinic,
        scale=scale.code.value,
        rule_set_id=random.choice(sorted(rule_sets())),
        baseline_window=random.choice(WINDOWS),
        trial_window=random.choice(WINDOWS),
        several=random.choice(list(Several)).value,
        lead_placed_on=random.choice([None, date(2026, 10, 6), date(2026, 10, 8)]),
    )
    device, _ = make_device(trial)
    source = DiaryImport.objects.create(
        trial=trial,
        file_name="made-up.csv",
        file_sha256="0" * 64,
        mapping="",
        report={},
        imported_at=NOW,
        imported_by="test",
    )
    DiaryEntry.objects.bulk_create(varied_entries(trial, device=device, source=source, random=random))
    supersede_one(trial, random)
    add_doses_and_satisfaction(trial, random)
    return trial


def varied_entries(
    trial: StimulationTrial, *, device: PatientDevice, source: DiaryImport, random: Random
) -> Iterator[DiaryEntry]:
    scale = SCALES[ScaleCode(trial.scale)]
    origins: list[Callable[[int], dict[str, Any]]] = [
        lambda n: {"originator": "import", "diary_import": source, "line": n, "captured_at": None},
        lambda n: {
            "originator": "patient",
            "device": device,
            "captured_at": NOW - timedelta(minutes=n),
            "utc_offset_minutes": 120,
        },
    ]
    for n in range(random.randrange(45)):
        yield DiaryEntry(
            trial=trial,
            region=random.choice(["target", "target", "target", "wound"]),
            kind=random.choice([ScoreKind.AVERAGE, ScoreKind.AVERAGE, ScoreKind.WORST]).value,
            scale=scale.code.value,
            value=random.randint(scale.to_units(scale.minimum), scale.to_units(scale.maximum)),
            diary_day=date(2026, 10, 1) + timedelta(days=random.randrange(12)),
            zone="Europe/Berlin",
            received_at=NOW,
            instrument_version="1",
            body_sha256="0" * 64,
            **random.choice(origins)(n + 1),
        )


def supersede_one(trial: StimulationTrial, random: Random) -> None:
    entry = trial.entries.order_by("value", "pk").first()
    if entry is not None and random.random() < 0.7:
        facts = {field.attname: getattr(entry, field.attname) for field in DiaryEntry._meta.concrete_fields}
        DiaryEntry.objects.create(**facts | {"id": uuid.uuid4(), "supersedes_id": entry.pk})


def add_doses_and_satisfaction(trial: StimulationTrial, random: Random) -> None:
    for day in range(random.choice([0, 6, 12])):
        OpioidUse.objects.create(
            trial=trial,
            day=date(2026, 10, 1) + timedelta(days=day),
            mme=random.randrange(0, 12_000) / 100,
            table_version=random.choice(["CDC 2016", "CDC 2022"]),
        )
    for day in range(random.randrange(3)):
        QuestionnaireResponse.objects.create(
            trial=trial,
            instrument=random.choice([selectors.SATISFACTION, "another"]),
            version="1",
            answered_on=date(2026, 10, 10) + timedelta(days=day),
            answers={"satisfied": random.random() < 0.5},
        )


def rows_written() -> tuple[list[Any], list[Any], list[Any]]:
    """Everything a judgement leaves behind but keys and instants."""
    evidence = Evidence.objects.order_by("trial_id", "digest").values_list("trial_id", "digest", "content")
    verdicts = Assessment.objects.order_by("trial_id", "rule_set_digest").values_list(
        "trial_id",
        "evidence__digest",
        "evidence_digest",
        "rule_set_id",
        "rule_set_version",
        "rule_set_digest",
        "engine_version",
        "answer",
        "verdict",
    )
    currency = TrialCurrency.objects.order_by("trial_id").values_list(
        "trial_id", "evidence__digest", "evidence_version", "basis"
    )
    return list(evidence), list(verdicts), list(currency)


@contextmanager
def taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_blocks_write_the_very_rows_that_one_trial_at_a_time_writes(clinic: Clinic) -> None:
    trials = make_varied_trials(clinic, count=40)
    with taken_back():
        for trial in trials:
            services.assess(trial.pk, at=NOW)
        one_by_one = rows_written()

    run("--all", "--block", "17")

    together = rows_written()
    assert [len(rows) for rows in together] == [42, 42 * RULES, 42]
    assert {row[-2] for row in together[1]} == {"met", "not_met", "not_evaluable"}
    assert together == one_by_one


@pytest.mark.django_db
def test_a_second_run_adds_no_row(clinic: Clinic) -> None:
    make_varied_trials(clinic, count=5)
    assert run("--all") == f"7 trials: {7 * RULES} new assessments, 0 already there, 0 failed"
    before = rows_written()

    assert run("--all") == f"7 trials: 0 new assessments, {7 * RULES} already there, 0 failed"
    assert rows_written() == before


@pytest.mark.django_db
def test_what_one_trial_at_a_time_wrote_is_found_by_the_block(clinic: Clinic) -> None:
    for trial in make_varied_trials(clinic, count=3):
        services.assess(trial.pk, at=NOW)

    assert run("--all") == f"5 trials: 0 new assessments, {5 * RULES} already there, 0 failed"


@pytest.mark.django_db
def test_a_trial_keeps_apart_from_another_whose_evidence_it_once_shared(clinic: Clinic) -> None:
    changing, staying = make_trial(clinic=clinic), make_trial(clinic=clinic)
    run("--all")
    (entry,) = make_entries(changing, {"2026-10-07": 8})

    run("--all")

    now = {row.trial_id: row.evidence for row in TrialCurrency.objects.select_related("evidence")}
    assert str(entry.pk) in now[changing.pk].content
    assert now[staying.pk].digest == Evidence.objects.filter(trial=changing).earliest("id").digest


@pytest.mark.django_db
def test_the_newest_answer_about_satisfaction_counts(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    for day, satisfied in ((10, True), (12, False), (11, True)):
        QuestionnaireResponse.objects.create(
            trial=trial,
            instrument=selectors.SATISFACTION,
            version="1",
            answered_on=date(2026, 10, day),
            answers={"satisfied": satisfied},
        )

    run("--all")

    assert '"satisfied":false' in Evidence.objects.get().content


@pytest.mark.django_db
def test_only_stale_trials_are_taken_when_asked(clinic: Clinic) -> None:
    trials = make_varied_trials(clinic, count=2)
    run("--all")
    make_entries(trials[-1], {"2026-10-07": 8})

    assert run("--stale") == f"1 trials: {RULES} new assessments, 0 already there, 0 failed"
    assert run("--all", "--stale") == "0 trials: 0 new assessments, 0 already there, 0 failed"


@pytest.mark.django_db
def test_only_the_trials_named_are_taken(clinic: Clinic) -> None:
    first, _, third, *_ = make_varied_trials(clinic, count=3)

    run(str(first.pk), str(third.pk), "--block", "1")

    assert set(TrialCurrency.objects.values_list("trial_id", flat=True)) == {first.pk, third.pk}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name the trials, or give --all or --stale"),
        (["--all", str(uuid.uuid4())], "name the trials, or give --all or --stale"),
        (["--all", "--block", "0"], f"--block must be from 1 to {LARGEST_BLOCK}"),
        (["--all", "--block", str(LARGEST_BLOCK + 1)], f"--block must be from 1 to {LARGEST_BLOCK}"),
        (["00000000-0000-4000-8000-000000000000"], "no such trial: 00000000-0000-4000-8000-000000000000"),
    ],
)
def test_it_refuses_what_it_would_have_to_guess_at(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(*arguments)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("column", "value", "error"),
    [
        ("trial_window", "last-week", "UnknownWindow"),
        ("trial_window", "best-day", "ReportOnlyWindow"),
        ("rule_set_id", "WITHDRAWN_RULE", "KeyError"),
    ],
)
def test_a_trial_that_cannot_be_judged_is_named_and_does_not_stop_the_block(
    clinic: Clinic, column: str, value: str, error: str
) -> None:
    trials = make_varied_trials(clinic, count=3)
    StimulationTrial.objects.filter(pk=trials[1].pk).update(**{column: value})
    out = StringIO()

    with pytest.raises(CommandError, match="some trials could not be judged"):
        call_command("assess", "--all", stdout=out, verbosity=0)

    assert out.getvalue().strip() == (
        f"5 trials: {4 * RULES} new assessments, 0 already there, 1 failed: {trials[1].pk} ({error})"
    )
    assert not TrialCurrency.objects.filter(trial=trials[1]).exists()


@contextmanager
def refused_by_the_database(trial: StimulationTrial) -> Iterator[None]:
    """While it lasts, no judgement of ``trial`` can be stored."""
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE outcomes_trialcurrency ADD CONSTRAINT one_is_refused CHECK (trial_id <> %s)",
            [str(trial.pk)],
        )
        try:
            yield
        finally:
            cursor.execute("ALTER TABLE outcomes_trialcurrency DROP CONSTRAINT one_is_refused")


@pytest.mark.django_db(transaction=True)
def test_a_block_that_fails_as_a_whole_is_done_trial_by_trial(clinic: Clinic) -> None:
    trials = make_varied_trials(clinic, count=3)

    with refused_by_the_database(trials[0]):
        report = assess_block([trial.pk for trial in trials], at=NOW)

    assert (report.trials, report.written, report.found) == (5, 4 * RULES, 0)
    assert report.failed == {trials[0].pk: "IntegrityError"}


@pytest.mark.django_db
def test_the_number_of_statements_does_not_grow_with_the_block(clinic: Clinic) -> None:
    make_varied_trials(clinic, count=18)
    ids = sorted(StimulationTrial.objects.values_list("pk", flat=True))
    counts = []

    for block in (ids[:4], ids[4:20]):
        with CaptureQueriesContext(connection) as statements:
            assess_block(block, at=NOW)
        counts.append(len(statements))

    # Two of them for the patients' records from before the trial.
    assert counts[0] == counts[1] <= 18


@pytest.mark.django_db(transaction=True)
def test_runs_at_once_write_every_row_once_and_never_lock_each_other_out(
    clinic: Clinic, caplog: pytest.LogCaptureFixture
) -> None:
    trials = make_varied_trials(clinic, count=10)
    ids = sorted(trial.pk for trial in trials)
    failed: list[object] = []

    def assess(block: Sequence[uuid.UUID]) -> None:
        try:
            failed.extend(assess_block(block, at=NOW).failed)
            services.assess(block[0], at=NOW)
        finally:
            connection.close()

    # Blocks that overlap in different places and orders, and single jobs between them.
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(assess, [ids, ids[3:], list(reversed(ids)), ids[:7]] * 3))

    assert failed == []
    # A deadlock would be survived trial by trial, but it would be told.
    assert [record.message for record in caplog.records if record.name.startswith("apps.outcomes")] == []
    assert Evidence.objects.count() == len(ids)
    assert Assessment.objects.count() == len(ids) * RULES


@pytest.mark.django_db(transaction=True)
def test_a_block_waits_for_a_running_job_however_long_a_request_may_wait(clinic: Clinic) -> None:
    trials = make_varied_trials(clinic, count=1)

    def block() -> int:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '20ms'")
            return assess_block([trial.pk for trial in trials], at=NOW).written
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            services.lock_assessments([trials[1].pk])
            written = pool.submit(block)
            wait_until_somebody_waits_for_a_lock(longer_than="100 ms")
            assert not TrialCurrency.objects.exists()
        assert written.result(timeout=30) == 3 * RULES


def wait_until_somebody_waits_for_a_lock(*, longer_than: str) -> None:
    until = monotonic() + 30
    waiting = """
        SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'advisory'
        AND clock_timestamp() - query_start > %s::interval AND datname = current_database()
    """
    with connection.cursor() as cursor:
        while monotonic() < until:
            cursor.execute(waiting, [longer_than])
            if cursor.fetchall() == [(1,)]:
                return
            # Within a transaction the server shows one and the same moment until it is asked anew.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
    pytest.fail("nobody waits for a lock")
