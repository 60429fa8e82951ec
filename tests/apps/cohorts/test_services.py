"""Snapshots: the same question on the same data is the same snapshot, and who may make which."""

import re
from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Clinic, Role
from apps.audit.models import AuditEvent
from apps.cohorts.models import Snapshot, SnapshotTable
from apps.cohorts.question import CohortQuestion, read_question
from apps.cohorts.selectors import open_snapshots, table_of
from apps.cohorts.services import Asker, NoSnapshot, draft_snapshot, make_snapshot, trace_download
from apps.patients.models import PatientIdentity
from apps.trials.models import Explant, StimulationTrial
from apps.workspace.permissions import Access
from sctrial.arrow_tables import to_parquet
from sctrial.csv_files import to_csv
from sctrial.deidentify_tables import Form
from tests.apps.cohorts.asking import access_to
from tests.factories import make_entries, make_trial
from tests.factories.deciding import MET, SIGNING, make_waiting
from tests.factories.stimulation import make_event, make_implant

EVERYTHING = CohortQuestion()


def asker(*clinics: Clinic, role: Role = Role.ANALYST, minutes: int = 0) -> Asker:
    return Asker("staff:1", access_to(*clinics, role=role), SIGNING + timedelta(minutes=minutes), "test")


def make_cohort(clinic: Clinic, n: int = 5) -> list[StimulationTrial]:
    trials = [make_trial(clinic=clinic) for _ in range(n)]
    make_entries(trials[0], MET)
    return trials


def test_a_minute_later_it_is_the_same_snapshot_and_the_same_bytes(clinic: Clinic) -> None:
    make_cohort(clinic)

    first, second = (
        draft_snapshot(EVERYTHING, asker=asker(clinic, minutes=minutes), form=Form.STUDY_DAYS)
        for minutes in (0, 1)
    )

    assert first.id == second.id
    for name, table in first.tables.items():
        assert to_csv(table) == to_csv(second.tables[name])
        assert to_parquet(table) == to_parquet(second.tables[name])


def test_what_the_shared_report_hides_no_table_tells(clinic: Clinic) -> None:
    """Two with a ganglion stimulator, one infection, one explant: nobody can be picked out by them."""
    trials = make_cohort(clinic, 12)
    StimulationTrial.objects.filter(pk__in=[trial.pk for trial in trials[:2]]).update(modality="DRG")
    make_event(trials[2], code="infection")
    implant = make_implant(trials[3], implanted_on=date(2026, 11, 1))
    Explant.objects.create(implant=implant, explanted_on=date(2026, 11, 11), reason="infection")

    tables = draft_snapshot(EVERYTHING, asker=asker(clinic), form=Form.STUDY_DAYS).tables

    # SCS goes with DRG: who knows that there are twelve could tell the two from the ten.
    assert set(tables["trials"].column("modality").to_pylist()) == {"hidden"}
    assert set(tables["trials"].column("explant_reason").to_pylist()) == {None, "hidden"}
    assert set(tables["events"].column("code").to_pylist()) == {"hidden"}
    assert not any(b"infection" in to_csv(table) or b"DRG" in to_csv(table) for table in tables.values())


def test_it_is_kept_once_and_every_asking_is_in_the_trail(clinic: Clinic) -> None:
    make_cohort(clinic)

    first = make_snapshot(EVERYTHING, asker=asker(clinic))
    second = make_snapshot(EVERYTHING, asker=asker(clinic, minutes=1))

    assert first == second
    assert Snapshot.objects.count() == 1
    events = AuditEvent.objects.filter(action="snapshot", object_id=first.pk, clinic_id=clinic.pk)
    assert events.count() == 2


def test_one_more_answer_makes_another_snapshot(clinic: Clinic) -> None:
    trials = make_cohort(clinic)
    first = make_snapshot(EVERYTHING, asker=asker(clinic))
    make_entries(trials[1], {"2026-10-09": 4})

    second = make_snapshot(EVERYTHING, asker=asker(clinic))

    assert first.pk != second.pk
    assert first.pk[:10] == second.pk[:10] == SIGNING.date().isoformat()


def test_the_manifest_says_what_the_id_is_made_of(clinic: Clinic) -> None:
    for _ in range(5):
        make_waiting(clinic)

    manifest = make_snapshot(EVERYTHING, asker=asker(clinic)).manifest

    assert (manifest["form"], manifest["engine"]) == ("study_days", "1")
    assert manifest["tables"]["trials"]["rows"] == 5
    assert any(rule.startswith("MAC_NORIDIAN@2023.1 sha256:") for rule in manifest["rule_sets"])


def test_what_was_kept_cannot_be_changed_or_deleted(clinic: Clinic) -> None:
    make_cohort(clinic)
    snapshot = make_snapshot(EVERYTHING, asker=asker(clinic))

    for rows in (Snapshot.objects.all(), SnapshotTable.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Snapshot.objects.update(question="other")
    assert table_of(snapshot, "trials").num_rows == 5


def test_fewer_than_five_patients_leave_no_table(clinic: Clinic) -> None:
    make_cohort(clinic, 4)

    with pytest.raises(NoSnapshot, match=r"means 4 patients; .* at least 5"):
        make_snapshot(EVERYTHING, asker=asker(clinic))
    assert not Snapshot.objects.exists()


def test_a_cohort_a_few_patients_smaller_is_refused(clinic: Clinic) -> None:
    """Six in all, five of them SCS: the difference would be a table of one patient."""
    make_cohort(clinic, 5)
    make_trial(clinic=clinic, modality="DRG")
    first = make_snapshot(EVERYTHING, asker=asker(clinic))

    with pytest.raises(NoSnapshot, match=f"differs from {first.pk} by fewer than 5 patients"):
        make_snapshot(read_question("modality=SCS"), asker=asker(clinic))


def test_the_same_question_may_grow_by_one_and_the_trail_says_so(clinic: Clinic) -> None:
    make_cohort(clinic)
    first = make_snapshot(EVERYTHING, asker=asker(clinic))
    make_trial(clinic=clinic)

    second = make_snapshot(EVERYTHING, asker=asker(clinic))

    event = AuditEvent.objects.get(action="snapshot", object_id=second.pk)
    assert event.detail == {"form": "study_days", "near": [first.pk]}


def test_a_cohort_much_smaller_is_no_trick(clinic: Clinic) -> None:
    make_cohort(clinic, 5)
    for _ in range(5):
        make_trial(clinic=clinic, modality="DRG")
    make_snapshot(EVERYTHING, asker=asker(clinic))

    assert make_snapshot(read_question("modality=SCS"), asker=asker(clinic)).people != []


@pytest.mark.parametrize(
    ("role", "form", "allowed"),
    [
        (Role.ANALYST, Form.STUDY_DAYS, True),
        (Role.ANALYST, Form.SHIFTED, True),
        (Role.ANALYST, Form.IDENTIFIED, False),
        (Role.SITE_ADMIN, Form.STUDY_DAYS, True),
        (Role.SITE_ADMIN, Form.IDENTIFIED, False),
        (Role.CLINICIAN, Form.STUDY_DAYS, True),
        (Role.CLINICIAN, Form.IDENTIFIED, True),
        (Role.COORDINATOR, Form.STUDY_DAYS, False),
        (Role.COORDINATOR, Form.IDENTIFIED, False),
    ],
)
def test_who_may_make_which(role: Role, form: Form, allowed: bool, clinic: Clinic) -> None:
    make_cohort(clinic)

    with suppress(NoSnapshot):
        make_snapshot(EVERYTHING, asker=asker(clinic, role=role), form=form, reason="Audit of implants")
    assert Snapshot.objects.exists() is allowed


def test_identified_tables_need_a_reason_that_stays(clinic: Clinic) -> None:
    make_cohort(clinic)
    who = asker(clinic, role=Role.CLINICIAN)

    with pytest.raises(NoSnapshot, match="say what the identified tables are needed for"):
        make_snapshot(EVERYTHING, asker=who, form=Form.IDENTIFIED, reason="  ")
    made = make_snapshot(EVERYTHING, asker=who, form=Form.IDENTIFIED, reason="Audit of implants")

    assert AuditEvent.objects.get(object_id=made.pk).reason == made.reason == "Audit of implants"
    assert made.tables.count() == 8


def test_a_clinician_elsewhere_gets_no_identified_tables_of_this_clinic(
    clinic: Clinic, other_clinic: Clinic
) -> None:
    make_cohort(clinic)
    access = Access({clinic.pk: Role.ANALYST, other_clinic.pk: Role.CLINICIAN})
    who = Asker("staff:1", access, SIGNING)

    with pytest.raises(NoSnapshot, match="only clinicians of every clinic asked for"):
        make_snapshot(EVERYTHING, asker=who, form=Form.IDENTIFIED, reason="Curiosity")


def test_a_snapshot_is_open_to_who_may_read_all_its_clinics(clinic: Clinic, other_clinic: Clinic) -> None:
    make_cohort(clinic)
    make_cohort(other_clinic)
    both = make_snapshot(EVERYTHING, asker=asker(clinic, other_clinic))
    identified = make_snapshot(
        EVERYTHING, asker=asker(clinic, role=Role.CLINICIAN), form=Form.IDENTIFIED, reason="Audit"
    )

    assert set(open_snapshots(access_to(clinic, other_clinic))) == {both}
    assert set(open_snapshots(access_to(clinic))) == set()
    assert set(open_snapshots(access_to(clinic, role=Role.CLINICIAN))) == {identified}
    assert set(open_snapshots(access_to(clinic, role=Role.COORDINATOR))) == set()
    assert set(open_snapshots(Access({}))) == set()


def test_a_download_is_in_the_trail_of_every_clinic(clinic: Clinic, other_clinic: Clinic) -> None:
    make_cohort(clinic)
    make_trial(clinic=other_clinic)
    who = asker(clinic, other_clinic)
    snapshot = make_snapshot(EVERYTHING, asker=who)

    trace_download(snapshot, asker=who, table="trials", kind="csv")

    events = AuditEvent.objects.filter(action="download", object_id=snapshot.pk)
    assert {event.clinic_id for event in events} == {clinic.pk, other_clinic.pk}
    assert {(event.detail["table"], event.detail["format"]) for event in events} == {("trials", "csv")}


def test_more_trials_take_no_more_statements(clinic: Clinic) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            draft_snapshot(EVERYTHING, asker=asker(clinic), form=Form.STUDY_DAYS)
        return len(seen)

    make_cohort(clinic)
    of_five = statements()
    make_cohort(clinic)

    assert statements() == of_five <= 30


@pytest.mark.parametrize("form", [Form.STUDY_DAYS, Form.SHIFTED])
def test_nothing_that_names_anybody_is_in_what_leaves(form: Form, clinic: Clinic) -> None:
    """Names, birth dates, pseudonyms, own words, ids of the clinic and real days, in every table as CSV."""
    clinic.name = "Saint Invented Hospital"
    clinic.save()
    trials = make_cohort(clinic)
    for trial in trials:
        PatientIdentity.objects.create(
            patient=trial.patient, full_name="Ada Invented", born_on="1961-03-04", phone="+4930000000"
        )
    StimulationTrial.objects.update(goal="walk to the bakery", target_area="Ada's left knee")

    draft = draft_snapshot(EVERYTHING, asker=asker(clinic), form=form)

    bytes_out = b"".join(to_csv(table) for table in draft.tables.values()).decode()
    unwanted = {"Ada", "Invented", "1961", "bakery", "knee", "4930000000", str(clinic.pk) + ",Saint"}
    unwanted |= {trial.patient.pseudonym for trial in trials} | {str(trial.pk) for trial in trials}
    assert [text for text in sorted(unwanted) if text in bytes_out] == []
    days = set(re.findall(r"\d{4}-\d\d-\d\d", bytes_out))
    assert bool(days) is (form is Form.SHIFTED)
    if form is Form.SHIFTED:
        # Every trial's leads were placed that day, and no shift is of no week.
        assert date(2026, 10, 8) not in draft.tables["trials"].column("lead_placed_on").to_pylist()


@pytest.mark.django_db(transaction=True)
def test_it_reads_one_moment_and_opens_the_transaction_that_writes_when_all_is_computed(
    clinic: Clinic,
) -> None:
    """A server ends a transaction in which nothing is said for 10 seconds; a large cohort computes longer."""
    make_cohort(clinic)

    with CaptureQueriesContext(connection) as captured:
        make_snapshot(EVERYTHING, asker=asker(clinic))

    said = [query["sql"] for query in captured.captured_queries]
    begin, end = said.index("BEGIN"), said.index("COMMIT")
    assert said[begin + 1] == "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
    assert "idle_in_transaction_session_timeout', '15min'" in said[begin + 2]
    assert any('FROM "diary_diaryentry"' in one for one in said[begin:end])
    # From here on nothing is looked at but what is written: the snapshot, its tables, the trail.
    writing = said[said.index("BEGIN", end) :]
    assert [one for one in said if one.startswith("INSERT")] == [
        one for one in writing if one.startswith("INSERT")
    ]
    assert [one for one in writing if '"trials_' in one or '"diary_' in one] == []
