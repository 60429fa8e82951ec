"""`manage.py import_diary`: what the operator sees, and what the record holds afterwards."""

import json
import threading
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from apps.accounts.models import Clinic
from apps.audit.models import AuditEvent
from apps.diary.imports import ImportRefused
from apps.diary.models import DiaryEntry, DiaryImport
from apps.patients.models import Patient
from apps.trials.models import StimulationTrial
from sctrial.phases import Phase
from tests.apps.diary.bad_files import DATES
from tests.apps.diary.imported import CSV, HEADER, MAPPING, changed, load, write
from tests.factories import make_patient, make_trial

ADDED = {MAPPING[MAPPING.index("create = true") :]: "create = false\n"}


def run(
    path: Path, *options: str, clinic: str = "Clinic of the trial", mapping: Mapping[str, str] | None = None
) -> str:
    mapping_file = write(path.parent, changed(MAPPING, mapping or {}), name="mapping.toml")
    out = StringIO()
    call_command(
        "import_diary", str(path), "--clinic", clinic, "--mapping", str(mapping_file), *options, stdout=out
    )
    return out.getvalue()


def counts() -> list[int]:
    models: tuple[Any, ...] = (Patient, StimulationTrial, DiaryImport, DiaryEntry, AuditEvent)
    return [model.objects.count() for model in models]


def test_it_reports_by_line_and_names_the_trial(clinic: Clinic, tmp_path: Path) -> None:
    text = run(write(tmp_path, CSV))

    trial = StimulationTrial.objects.get()
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[0].endswith("2026-10-01 to 2026-10-03")
    assert lines[1:] == [
        "taken 3 Left leg -> target lines 2-3, 5",
        "taken 1 Back -> back lines 6",
        "skipped 1 happiness -> mood, not pain lines 4",
        "rows 5 = taken 4 + skipped 1 + wrong 0; days with several entries of a region: 0",
        f"stored in trial {trial.pk} of P-7, Clinic of the trial",
    ]


def test_the_json_report_is_the_stored_report(clinic: Clinic, tmp_path: Path) -> None:
    printed = json.loads(run(write(tmp_path, CSV), "--json"))

    assert printed == DiaryImport.objects.get().report
    assert printed["trial"] == str(StimulationTrial.objects.get().pk)


def test_the_first_days_are_baseline_and_the_rest_is_trial(clinic: Clinic, tmp_path: Path) -> None:
    run(write(tmp_path, CSV))

    trial = StimulationTrial.objects.get()
    # baseline_days = 2: the 1st and the 2nd are baseline, the 3rd is the first trial day.
    assert (str(trial.diary_from), str(trial.lead_placed_on)) == ("2026-10-01", "2026-10-03")
    assert (trial.phase, trial.ended_on) == (Phase.TRIAL_ACTIVE, None)


def test_it_raises_the_version_once_and_leaves_one_trace(clinic: Clinic, tmp_path: Path) -> None:
    run(write(tmp_path, CSV))

    trial, diary_import = StimulationTrial.objects.get(), DiaryImport.objects.get()
    assert trial.evidence_version == 1
    event = AuditEvent.objects.get()
    assert (event.action, event.object_type, event.object_id) == (
        "import",
        "diary_import",
        str(diary_import.pk),
    )
    assert event.clinic_id == clinic.pk
    assert (event.detail["taken"], event.detail["skipped"]) == (4, 1)
    assert "score" not in json.dumps(event.detail)


def test_a_dry_run_reports_the_same_and_stores_nothing(clinic: Clinic, tmp_path: Path) -> None:
    path = write(tmp_path, CSV)

    dry = json.loads(run(path, "--json", "--dry-run"))

    assert counts() == [0, 0, 0, 0, 0]
    stored = json.loads(run(path, "--json"))
    assert dry | {"trial": "", "dry_run": False} == stored | {"trial": ""}


def test_a_dry_run_says_so(clinic: Clinic, tmp_path: Path) -> None:
    assert "dry run: nothing was stored" in run(write(tmp_path, CSV), "--dry-run")


def test_the_same_file_again_is_refused_and_nothing_is_doubled(clinic: Clinic, tmp_path: Path) -> None:
    path = write(tmp_path, CSV)
    run(path)
    before = counts()

    with pytest.raises(CommandError, match=r"imported before, on 20.*: nothing was stored twice"):
        run(path)
    with pytest.raises(CommandError, match="imported before"):
        run(path, mapping=ADDED)

    assert counts() == before
    assert StimulationTrial.objects.get().evidence_version == 1


def test_another_file_needs_leave_to_join_the_trial(clinic: Clinic, tmp_path: Path) -> None:
    run(write(tmp_path, CSV))
    longer = write(tmp_path, CSV + "Left leg,2026-10-04,2\n")

    with pytest.raises(CommandError, match=r"exists already: set trial\.create = false"):
        run(longer)

    run(longer, mapping=ADDED)
    assert StimulationTrial.objects.count() == 1


def test_a_longer_export_of_the_same_diary_doubles_nothing(clinic: Clinic, tmp_path: Path) -> None:
    run(write(tmp_path, CSV))

    report = json.loads(
        run(write(tmp_path, CSV + "Left leg,2026-10-04,2\n"), "--json", mapping=ADDED | {'"skip"': '"keep"'})
    )

    assert report["rows"]["taken"] == 1
    assert [(group["reason"], group["rows"]) for group in report["skipped"]] == [
        ("imported before, from another file", 2 + 1),
        ("mood, not pain", 1),
        ("imported before, from another file", 1),
    ]
    assert DiaryEntry.objects.count() == 4 + 1


def test_it_adds_to_a_trial_that_the_clinic_runs(clinic: Clinic, tmp_path: Path) -> None:
    patient = make_patient(clinic=clinic)
    trial = make_trial(clinic=clinic, patient=patient)
    version = trial.evidence_version

    run(write(tmp_path, CSV), mapping=ADDED | {"P-7": patient.pseudonym})

    trial.refresh_from_db()
    assert set(DiaryEntry.objects.values_list("trial_id", flat=True)) == {trial.pk}
    assert trial.evidence_version == version + 1


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        ({"scale": "vas_100"}, "scores of two scales are never mixed"),
        ({"phase": "cancelled", "lead_placed_on": None}, "takes no more answers"),
        ({"diary_from": "2026-10-02", "lead_placed_on": None}, "2026-10-01 is before the diary"),
    ],
)  # fmt: skip
def test_it_refuses_what_does_not_fit_the_trial(
    clinic: Clinic, tmp_path: Path, overrides: dict[str, Any], says: str
) -> None:
    patient = make_patient(clinic=clinic)
    make_trial(clinic=clinic, patient=patient, **overrides)

    with pytest.raises(CommandError, match=says):
        run(write(tmp_path, CSV), mapping=ADDED | {"P-7": patient.pseudonym})

    assert not DiaryEntry.objects.exists()


def test_it_refuses_to_add_to_a_trial_that_is_not_there(clinic: Clinic, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"trial 1 of P-7 is not known here.*trial\.create = true"):
        run(write(tmp_path, CSV), mapping=ADDED)


def test_the_patient_of_another_clinic_is_another_patient(
    clinic: Clinic, other_clinic: Clinic, tmp_path: Path
) -> None:
    path = write(tmp_path, CSV)
    run(path)

    with pytest.raises(CommandError, match="is not known here"):
        run(path, clinic=other_clinic.name, mapping=ADDED)

    run(path, clinic=other_clinic.name)
    assert list(Patient.objects.values_list("pseudonym", flat=True)) == ["P-7", "P-7"]


def test_an_unknown_clinic_is_refused_with_those_that_are_known(
    clinic: Clinic, other_clinic: Clinic, tmp_path: Path
) -> None:
    with pytest.raises(CommandError) as refusal:
        run(write(tmp_path, CSV), clinic="Clinic of the trail")

    expected = "no clinic is called 'Clinic of the trail'; known: Another clinic, Clinic of the trial"
    assert str(refusal.value) == expected


@pytest.mark.django_db
def test_with_no_clinic_at_all_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="known: none yet"):
        run(write(tmp_path, CSV))


def test_wrong_rows_are_printed_as_json_too(
    clinic: Clinic, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, CSV + "Hand,2026-10-03,4\n")
    mapping_file = write(tmp_path, MAPPING, name="mapping.toml")

    with pytest.raises(CommandError, match="1 of 6 rows are wrong") as refusal:
        call_command(
            "import_diary", str(path), "--clinic", clinic.name, "--mapping", str(mapping_file), "--json"
        )

    report = json.loads(capsys.readouterr().out)
    assert report["rows"] == {"read": 6, "taken": 4, "skipped": 1, "wrong": 1}
    assert report["wrong"][0]["lines"] == [[7, 7]]
    assert refusal.value.returncode == 1


@pytest.mark.parametrize(("changes", "says"), DATES)
def test_dates_that_contradict_the_diary_are_refused(
    clinic: Clinic, tmp_path: Path, changes: dict[str, str], says: str
) -> None:
    with pytest.raises(ImportRefused, match=f"{says}.*correct the dates under"):
        load(write(tmp_path, CSV), clinic=clinic, mapping=changes)

    assert counts() == [0, 0, 0, 0, 0]


def test_a_mapping_that_is_not_there_is_named(clinic: Clinic, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none\.toml: No such file"):
        call_command(
            "import_diary", "x.csv", "--clinic", clinic.name, "--mapping", str(tmp_path / "none.toml")
        )


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_file_at_once_store_it_once(tmp_path: Path) -> None:
    clinic = Clinic.objects.create(name="Clinic of the race")
    rows = "".join(f"Left leg,2026-10-{1 + n % 9:02},{n % 11}\n" for n in range(3_000))
    path = write(tmp_path, HEADER + rows)
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def race() -> None:
        try:
            together.wait()
            load(path, clinic=clinic, mapping={'"skip"': '"keep"'})
            outcomes.append("stored")
        except ImportRefused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=race) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["refused", "stored"]
    assert DiaryEntry.objects.count() == 3_000
    assert DiaryImport.objects.count() == 1
