"""The pages of diary imports: one proposes, a second one reads what it does, and commits or refuses it."""

import html
from collections.abc import Mapping
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from apps.diary.committing import Hand, refuse_proposal
from apps.diary.models import DiaryEntry, DiaryImport, ImportProposal
from apps.diary.proposing import MOST_BYTES
from tests.apps.diary.bad_files import Bad, every_bad_file
from tests.apps.diary.imported import CSV, MAPPING, changed
from tests.apps.workspace.conftest import Visit
from tests.factories import NOW
from tests.factories.imports import SOURCE, make_import_proposal

LIST = "/staff/diary/importproposal/"
ADD = f"{LIST}add/"
NOTHING: Mapping[str, str] = {}


def page(row: ImportProposal, name: str = "change") -> str:
    return f"{LIST}{row.pk}/{name}/"


def propose(
    client: Client,
    clinic: Clinic,
    content: bytes | str = CSV,
    mapping: str = MAPPING,
    *,
    sent: Mapping[str, str] = NOTHING,
) -> Any:
    body = content if isinstance(content, bytes) else content.encode()
    files = {
        "file": SimpleUploadedFile("diary.csv", body, "text/csv"),
        "mapping": SimpleUploadedFile("mapping.toml", mapping.encode(), "text/plain"),
    }
    return client.post(ADD, {"clinic": clinic.pk, "source": SOURCE} | files | dict(sent))


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def shown_in(response: Any) -> str:
    return str(response.context["shown"])


def test_a_coordinator_proposes_and_a_site_admin_commits(
    clinic: Clinic, coordinator: User, site_admin: User, as_staff: Visit
) -> None:
    response = propose(as_staff(coordinator), clinic)
    row = ImportProposal.objects.get()
    assert (response.status_code, response["Location"]) == (302, page(row))
    assert not DiaryEntry.objects.exists()

    second = as_staff(site_admin)
    shown = shown_in(second.get(page(row)))
    done = second.post(page(row, "commit"), {"shown": shown}, follow=True)

    row.refresh_from_db()
    assert (row.outcome, row.closed_by) == ("committed", site_admin)
    assert DiaryEntry.objects.count() == 4
    assert "Imported: the rows stand in the diary." in text_of(done)


@pytest.mark.parametrize("bad", list(every_bad_file()), ids=lambda bad: bad.name[:60])
def test_a_bad_file_is_told_by_line_field_and_remedy(
    clinic: Clinic, coordinator: User, as_staff: Visit, bad: Bad, caplog: pytest.LogCaptureFixture
) -> None:
    response = propose(as_staff(coordinator), clinic, bad.content, changed(MAPPING, bad.mapping))

    text = text_of(response)
    assert response.status_code == 422
    assert [says for says in bad.says if says not in text] == []
    if bad.line:
        wrong = [line for line in response.context["report"].lines if line.fate == "wrong"]
        assert (bad.line, bad.column) in [(line.lines, line.name) for line in wrong]
    assert not ImportProposal.objects.exists()
    assert [one.message for one in caplog.records if one.levelname != "WARNING"] == []


def test_every_wrong_row_is_named_at_once(clinic: Clinic, coordinator: User, as_staff: Visit) -> None:
    response = propose(as_staff(coordinator), clinic, f"{CSV}Hand,2026-10-99,12\nHand,2026-10-03,4\n")

    assert "2 of 7 rows are wrong, nothing was stored." in text_of(response)
    told = [(line.lines, line.name) for line in response.context["report"].lines if line.fate == "wrong"]
    assert told == [("7-8", "name"), ("7", "score"), ("7", "day")]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"file": ""}, "file"),
        ({"mapping": ""}, "mapping"),
        ({"source": ""}, "source"),
        ({"source": "a"}, "source"),
        ({"source": "x" * 201}, "source"),
        ({"source": "a\x00bcd"}, "source"),
        ({"clinic": ""}, "clinic"),
        ({"clinic": "0"}, "clinic"),
        ({"clinic": "one"}, "clinic"),
    ],
)
def test_what_is_missing_stands_at_its_field(
    clinic: Clinic, coordinator: User, as_staff: Visit, sent: dict[str, str], field: str
) -> None:
    response = propose(as_staff(coordinator), clinic, sent=sent)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not ImportProposal.objects.exists()


def test_a_file_that_is_too_long_is_refused(clinic: Clinic, coordinator: User, as_staff: Visit) -> None:
    response = propose(as_staff(coordinator), clinic, b"x" * (3 * MOST_BYTES))

    assert response.status_code == 422
    assert "diary.csv has more than 1,000,000 bytes: split it" in text_of(response)


def test_nobody_proposes_for_another_clinic(other_clinic: Clinic, coordinator: User, as_staff: Visit) -> None:
    response = propose(as_staff(coordinator), other_clinic)

    assert list(response.context["form"].errors) == ["clinic"]


def test_a_second_reading_of_one_file_is_refused(clinic: Clinic, coordinator: User, as_staff: Visit) -> None:
    make_import_proposal(clinic)

    assert "diary.csv waits already" in text_of(propose(as_staff(coordinator), clinic))


@pytest.mark.parametrize(
    ("who", "adds", "reads", "commits", "takes"),
    [
        ("coordinator", 200, 200, 409, 200),
        ("site_admin", 200, 200, 409, 200),
        ("clinician", 403, 200, 403, 200),
        ("analyst", 403, 403, 404, 404),
        # Elsewhere a clinician: the row does not exist.
        ("stranger", 403, 404, 404, 404),
        ("nobody", 403, 403, 404, 404),
    ],
)
def test_who_may_do_what(
    request: pytest.FixtureRequest,
    clinic: Clinic,
    as_staff: Visit,
    who: str,
    adds: int,
    reads: int,
    commits: int,
    takes: int,
) -> None:
    row = make_import_proposal(clinic)
    client = as_staff(request.getfixturevalue(who))

    answers = [client.get(ADD), client.get(page(row)), client.post(page(row, "commit"))]
    answers.append(client.get(page(row, "file")))

    assert [one.status_code for one in answers] == [adds, reads, commits, takes]
    assert ImportProposal.objects.get().is_open


def test_who_proposed_it_is_shown_how_to_withdraw_and_no_way_to_commit(
    clinic: Clinic, coordinator: User, as_staff: Visit
) -> None:
    row = make_import_proposal(clinic, by=coordinator)
    client = as_staff(coordinator)
    told = client.get(page(row))
    assert "Withdraw it" in text_of(told)
    assert "Commit the import" not in text_of(told)

    answer = client.post(page(row, "commit"), {"shown": shown_in(told)})
    assert (answer.status_code, "You proposed it: another" in text_of(answer)) == (409, True)
    client.post(page(row, "withdraw"), {"words": "wrong patient"})

    row.refresh_from_db()
    assert (row.outcome, row.words) == ("withdrawn", "wrong patient")


def test_a_clinician_reads_the_report_of_the_proposal(
    clinic: Clinic, clinician: User, as_staff: Visit
) -> None:
    told = text_of(as_staff(clinician).get(page(make_import_proposal(clinic))))

    assert "What it would have done when it was proposed" in told
    assert "Commit the import" not in told
    assert "Refuse it" not in told


def test_words_that_say_nothing_keep_the_page_and_the_proposal(
    clinic: Clinic, coordinator: User, as_staff: Visit
) -> None:
    row = make_import_proposal(clinic)

    answer = as_staff(coordinator).post(page(row, "refuse"), {"words": "no"})

    assert answer.status_code == 422
    assert "Say it in at least 3 characters." in text_of(answer)
    assert ImportProposal.objects.get().is_open


@pytest.mark.parametrize("act", ["commit", "refuse", "withdraw"])
def test_what_has_ended_meanwhile_is_a_conflict(
    clinic: Clinic, coordinator: User, site_admin: User, as_staff: Visit, act: str
) -> None:
    row = make_import_proposal(clinic)
    client = as_staff(coordinator)
    shown = shown_in(client.get(page(row)))
    refuse_proposal(row, words="wrong patient", hand=Hand(site_admin, NOW))

    answer = client.post(page(row, act), {"shown": shown, "words": "late"})

    assert answer.status_code == 409
    assert "It was closed before, and nothing was changed." in text_of(answer)
    assert not DiaryImport.objects.exists()


def test_a_file_whose_check_fails_now_says_why_and_cannot_be_committed(
    clinic: Clinic, coordinator: User, site_admin: User, as_staff: Visit
) -> None:
    """Two files of one new diary: the first to be committed makes the trial."""
    first = make_import_proposal(clinic)
    second = make_import_proposal(clinic, content=CSV + "Left leg,2026-10-04,2\n")
    client = as_staff(coordinator)
    shown = shown_in(client.get(page(second)))
    client.post(page(first, "commit"), {"shown": shown_in(client.get(page(first)))})

    told = client.get(page(second))
    answer = client.post(page(second, "commit"), {"shown": shown})

    why = "trial 1 of P-7 exists already: set trial.create = false to add this file to it"
    assert why in text_of(told)
    assert "Commit the import" not in text_of(told)
    assert answer.status_code == 409
    assert DiaryImport.objects.count() == 1


def test_the_file_comes_back_byte_for_byte_and_that_is_an_event(
    clinic: Clinic, clinician: User, as_staff: Visit
) -> None:
    row = make_import_proposal(clinic)

    answer = as_staff(clinician).get(page(row, "file"))

    assert answer.content == CSV.encode()
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == f'attachment; filename="import-{row.pk}.csv"'
    event = AuditEvent.objects.get(action="download")
    assert (event.object_type, event.object_id) == ("importproposal", str(row.pk))
    assert event.detail == {"file_sha256": row.file_sha256}


def test_an_import_tells_its_rows_by_line(clinic: Clinic, coordinator: User, as_staff: Visit) -> None:
    row = make_import_proposal(clinic)
    client = as_staff(coordinator)
    client.post(page(row, "commit"), {"shown": shown_in(client.get(page(row)))})
    made = DiaryImport.objects.get()

    told = text_of(client.get(f"/staff/diary/diaryimport/{made.pk}/change/"))

    assert "taken 3: Left leg -> target, lines 2-3, 5" in told
    assert "skipped 1: happiness -> mood, not pain, lines 4" in told
    assert made.file_sha256 in told


def test_an_empty_list_says_what_to_do_next(
    clinic: Clinic, coordinator: User, clinician: User, as_staff: Visit
) -> None:
    assert "Choose a diary file with its mapping" in text_of(as_staff(coordinator).get(LIST))
    assert "A coordinator or site admin of the clinic proposes one" in text_of(as_staff(clinician).get(LIST))


def test_the_list_has_what_waits_first_and_the_imports_of_the_command_too(
    clinic: Clinic, other_clinic: Clinic, coordinator: User, site_admin: User, as_staff: Visit
) -> None:
    waits = make_import_proposal(clinic)
    ended = make_import_proposal(clinic, content=CSV + "\n")
    refuse_proposal(ended, words="wrong patient", hand=Hand(site_admin, NOW))
    make_import_proposal(other_clinic)

    told = as_staff(coordinator).get(LIST)

    assert list(told.context["cl"].result_list) == [waits, ended]
    assert "Waits for a second person" in text_of(told)


def test_the_worklist_counts_what_waits_for_this_person(
    clinic: Clinic, coordinator: User, site_admin: User, clinician: User, as_staff: Visit
) -> None:
    make_import_proposal(clinic, by=coordinator)

    counts = [
        as_staff(user).get("/staff/").context["imports_to_decide"]
        for user in (coordinator, site_admin, clinician)
    ]

    assert counts == [0, 1, 0]


def test_history_has_what_changed_and_no_bytes(
    clinic: Clinic, coordinator: User, site_admin: User, as_staff: Visit
) -> None:
    row = make_import_proposal(clinic)
    refuse_proposal(row, words="wrong patient", hand=Hand(site_admin, NOW))

    told = text_of(as_staff(coordinator).get(page(row, "history")))

    assert "wrong patient" in told
    assert row.file_sha256 in told
    assert "Left leg" not in told


def test_each_look_is_in_the_trail(clinic: Clinic, coordinator: User, as_staff: Visit) -> None:
    row = make_import_proposal(clinic)

    as_staff(coordinator).get(page(row))

    event = AuditEvent.objects.get(action="look", object_type="importproposal")
    assert (event.object_id, event.clinic_id) == (str(row.pk), clinic.pk)


@pytest.mark.parametrize("language", ["de", "es"])
def test_the_pages_speak_the_language_of_the_browser(
    clinic: Clinic, coordinator: User, as_staff: Visit, language: str
) -> None:
    row = make_import_proposal(clinic)
    client = as_staff(coordinator)

    for address in (LIST, ADD, page(row)):
        answer = client.get(address, headers={"Accept-Language": language})
        assert answer.headers["Content-Language"] == language
