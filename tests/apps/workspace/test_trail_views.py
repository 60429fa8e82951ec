"""The trail of a clinic as a file: for who runs the clinic, with a reason, and checked by whoever gets it."""

from io import StringIO

import pytest

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from apps.audit.services import record
from sctrial.trail import flaws_of, read_rows
from tests.apps.workspace.conftest import Visit
from tests.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True)
PLACE = "/staff/trail/"


def asked(clinic: Clinic, **changes: str) -> dict[str, str]:
    return {"clinic": str(clinic.pk), "form": "csv", "reason": "asked for by the ethics board"} | changes


@pytest.fixture
def noted(clinic: Clinic, other_clinic: Clinic) -> None:
    for place, note in ((clinic, "own"), (other_clinic, "foreign")):
        record(
            action="note",
            object_type="trial",
            object_id="T-1",
            by="test",
            at=NOW,
            clinic_id=place.pk,
            reason=note,
        )


@pytest.mark.parametrize(("form", "name"), [("csv", "csv"), ("json", "jsonl")])
@pytest.mark.usefixtures("noted")
def test_the_file_holds_the_own_clinic_and_is_sound(
    site_admin: User, clinic: Clinic, as_staff: Visit, form: str, name: str
) -> None:
    answer = as_staff(site_admin).post(PLACE, asked(clinic, form=form))

    text = answer.getvalue().decode()
    assert answer["Content-Disposition"].startswith('attachment; filename="trail-clinic-of-the-trial-')
    assert answer["Content-Disposition"].endswith(f'.{name}"')
    assert ("own" in text, "foreign" in text) == (True, False)
    assert list(flaws_of(read_rows(StringIO(text, newline="")))) == []
    assert list(flaws_of(read_rows(StringIO(text.replace("own", "ours"), newline="")))) != []


@pytest.mark.usefixtures("noted")
def test_the_export_is_an_event_with_its_reason(site_admin: User, clinic: Clinic, as_staff: Visit) -> None:
    answer = as_staff(site_admin).post(
        PLACE, asked(clinic, since="2026-10-01", until="2026-10-31", about="T-1")
    )

    assert b"own" in answer.getvalue()
    event = AuditEvent.objects.get(action="export")
    assert (event.actor, event.reason) == (f"staff:{site_admin.pk}", "asked for by the ethics board")
    # The last day is meant whole: the file ends before the next one.
    assert (event.detail["since"][:10], event.detail["until"][:10]) == ("2026-10-01", "2026-11-01")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reason": ""}, "This field is required."),
        ({"form": "pdf"}, "Select a valid choice."),
        ({"since": "2026-11-02", "until": "2026-11-01"}, "choose a later day, or none"),
        ({"since": "yesterday"}, "Enter a valid date."),
    ],
)
def test_what_cannot_be_made_says_why_and_leaves_no_event(
    site_admin: User, clinic: Clinic, as_staff: Visit, changes: dict[str, str], said: str
) -> None:
    answer = as_staff(site_admin).post(PLACE, asked(clinic, **changes))

    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert not AuditEvent.objects.filter(action="export").exists()


def test_another_clinic_is_no_choice(site_admin: User, other_clinic: Clinic, as_staff: Visit) -> None:
    answer = as_staff(site_admin).post(PLACE, asked(other_clinic))

    assert (answer.status_code, "Select a valid choice." in answer.content.decode()) == (422, True)


def test_the_sidebar_leads_there_whoever_may(site_admin: User, clinician: User, as_staff: Visit) -> None:
    there = [PLACE in as_staff(user).get("/staff/").content.decode() for user in (site_admin, clinician)]

    assert there == [True, False]
