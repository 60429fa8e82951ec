"""What a request may do while an emergency access is open: look into that clinic, and nothing else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.ending import Why, end_access
from apps.accounts.keys import issue_key
from apps.accounts.models import Clinic, EmergencyAccess, Role, StaffMembership, User
from apps.audit.models import AuditEvent
from apps.patients.models import Patient
from apps.row_security import ROLE
from apps.trials.models import StimulationTrial
from apps.workspace.emergency import SESSION
from apps.workspace.idle import open_again
from apps.workspace.rights import read_table
from config.postgres.scope import NOTHING, ask_for
from tests.apps.workspace.asking_routes import Asker, address
from tests.apps.workspace.conftest import Visit
from tests.apps.workspace.emergency_room import open_for, switch_on
from tests.apps.workspace.every_row import make_every_row
from tests.config.postgres.test_scope import held_tables
from tests.factories import make_clinic, make_staff, make_trial

pytestmark = pytest.mark.django_db
ROUTES = read_table().routes
REPORTS = "/staff/cohorts/reports/"
LISTS = ("/staff/trials/stimulationtrial/", "/staff/patients/patient/")
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def reader(stranger: User, as_staff: Visit) -> Client:
    return as_staff(stranger)


def page_of(trial: StimulationTrial) -> str:
    return f"/staff/trials/stimulationtrial/{trial.pk}/change/"


def test_the_records_are_there_from_the_opening_to_the_end_and_not_before_or_after(
    clinic: Clinic, trial: StimulationTrial, stranger: User, reader: Client
) -> None:
    shut = reader.get(page_of(trial)).status_code
    open_for(stranger, clinic, client=reader)
    page = reader.get(page_of(trial))
    reader.post("/staff/emergency/end/")

    assert (shut, page.status_code, reader.get(page_of(trial)).status_code) == (404, 200, 404)
    assert trial.patient.pseudonym in page.content.decode()


def test_a_third_clinic_stays_shut(clinic: Clinic, stranger: User, reader: Client) -> None:
    elsewhere = make_trial(clinic=make_clinic("A third clinic"))
    switch_on(elsewhere.clinic)

    open_for(stranger, clinic, client=reader)

    assert reader.get(page_of(elsewhere)).status_code == 404
    assert elsewhere.patient.pseudonym not in reader.get(LISTS[0]).content.decode()


def test_it_is_open_in_the_browser_that_opened_it_and_in_no_other(
    clinic: Clinic, trial: StimulationTrial, stranger: User, reader: Client, as_staff: Visit
) -> None:
    open_for(stranger, clinic, client=reader)

    assert as_staff(stranger).get(page_of(trial)).status_code == 404


def sign_out(client: Client, user: User) -> None:
    client.post("/staff/logout/")
    client.force_login(user)


def go_idle(client: Client, user: User) -> None:
    session = client.session
    session["seen_at"] -= 31 * 60
    session.save()
    client.get("/staff/")
    client.force_login(user)
    session = client.session
    open_again(session, at=datetime.now(UTC))
    session.save()


def end_now(client: Client, user: User) -> None:
    client.post("/staff/emergency/end/")


def end_elsewhere(client: Client, user: User) -> None:
    another = Client()
    another.force_login(user)
    another.post("/staff/emergency/end/")


def lose_role(client: Client, user: User) -> None:
    StaffMembership.objects.filter(user=user).update(role=Role.ANALYST)


def switched_off(client: Client, user: User) -> None:
    Clinic.objects.update(emergency_access=False)


def sent_away(client: Client, user: User) -> None:
    end_access(user, why=Why.BY_AN_ADMIN, by="staff:1", at=datetime.now(UTC))
    client.force_login(User.objects.get(pk=user.pk))


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (sign_out, "signed_out"),
        (go_idle, "session_closed"),
        (end_now, "reader"),
        (end_elsewhere, "reader"),
        (lose_role, "access_ended"),
        (switched_off, "switched_off"),
        (sent_away, "access_ended"),
    ],
)
def test_each_end_shuts_the_records_at_the_next_request_and_stands_in_the_trail_once(
    clinic: Clinic,
    trial: StimulationTrial,
    stranger: User,
    reader: Client,
    what: Callable[[Client, User], None],
    why: str,
) -> None:
    row = open_for(stranger, clinic, client=reader)
    assert reader.get(page_of(trial)).status_code == 200

    what(reader, stranger)

    assert [reader.get(page_of(trial)).status_code for _ in range(2)] == [404, 404]
    row.refresh_from_db()
    ends = AuditEvent.objects.filter(action="end_emergency", clinic_id=clinic.pk)
    assert (row.ended_why, [one.detail["why"] for one in ends]) == (why, [why])


def test_the_clock_shuts_it_after_an_hour(
    clinic: Clinic, trial: StimulationTrial, stranger: User, reader: Client
) -> None:
    row = open_for(stranger, clinic, client=reader, ago=timedelta(minutes=60))

    assert reader.get(page_of(trial)).status_code == 404
    row.refresh_from_db()
    assert (row.ended_at, row.ended_why, SESSION in reader.session) == (row.until, "time", False)
    assert AuditEvent.objects.filter(action="end_emergency", clinic_id=clinic.pk).count() == 1


def test_a_minute_before_the_hour_it_is_still_open(
    clinic: Clinic, trial: StimulationTrial, stranger: User, reader: Client
) -> None:
    open_for(stranger, clinic, client=reader, ago=timedelta(minutes=59))

    assert reader.get(page_of(trial)).status_code == 200


def test_the_system_admin_ends_it_by_the_switch_of_the_clinic(
    clinic: Clinic, trial: StimulationTrial, stranger: User, reader: Client, as_staff: Visit
) -> None:
    row = open_for(stranger, clinic, client=reader)
    root = as_staff(User.objects.create_superuser("root", password="correct-horse-battery-staple"))
    url = f"/staff/accounts/clinic/{clinic.pk}/change/"
    page = root.get(url)
    form = {"name": clinic.name, "zone": clinic.zone, "drawn_from": page.context["drawn_from"]}

    saved = root.post(url, form)

    row.refresh_from_db()
    assert (saved.status_code, row.ended_why) == (302, "switched_off")
    assert reader.get(page_of(trial)).status_code == 404


# --- nothing but looking ---


def written() -> int:
    """Rows of held tables, but for the trail, that this transaction has touched so far."""
    names = [name for name in held_tables() if not name.startswith("audit_")]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables"
            " WHERE relname = ANY (%s)",
            [names],
        )
        return int(cursor.fetchone()[0])


class Reader(Asker):
    """Asks with the session in which the access is open."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self.client = client
        self.cookies = client.cookies.output(header="", sep=";")

    def looks_at(self, url: str) -> tuple[int, int]:
        """The status of the answer, and how many looks it left."""
        with transaction.atomic():
            status = self.client.get(url).status_code
            looks = AuditEvent.objects.filter(detail__has_key="emergency").count()
            transaction.set_rollback(True)
        return status, looks


def test_no_route_writes_anything_of_the_clinic_that_is_read(
    clinic: Clinic, stranger: User, reader: Client
) -> None:
    """Every route that is posted to answers as if nothing were open: 404, or a refusal."""
    rows = make_every_row(clinic)
    open_for(stranger, clinic, client=reader)
    asker, before = Reader(reader), written()
    wrong: list[tuple[str, object]] = []
    for route in (one for one in ROUTES if one.method == "POST" and one.path.startswith("/staff/")):
        given = asker.ask("POST", address(route.path, clinic=clinic, rows=rows))
        as_ever = route.answers["clinician"] if "<" not in route.path else 404
        wrong += [(route.path, given)] * (given not in (403, as_ever))
        # A report in the making is of the own clinics; all others write nothing at all.
        wrong += [(route.path, "wrote")] * (written() > before and route.path != REPORTS)
        before = written()

    assert wrong == []


def test_what_may_be_looked_at_is_what_a_clinician_of_the_clinic_may_look_at_and_no_file(
    clinic: Clinic, stranger: User, reader: Client
) -> None:
    """Asked as the role of the service, in requests that PostgreSQL lets write nothing."""
    rows = make_every_row(clinic)
    open_for(stranger, clinic, client=reader)
    asked = {
        one.path: address(one.path, clinic=clinic, rows=rows)
        for one in ROUTES
        if one.method == "GET" and one.path.startswith("/staff/") and one.answers["clinician"] == 200
    }
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
    asker = Reader(reader)
    answers = {path: asker.looks_at(url) for path, url in asked.items() if "<" in path}
    ask_for(NOTHING)
    given = {path: status for path, (status, _) in answers.items()}
    opened, refused = (
        {path for path, one in given.items() if (one == 200) is good} for good in (True, False)
    )

    assert {path: one for path, one in given.items() if one not in (200, 403, 404)} == {}

    apps = {path.split("/")[2] for path in opened}
    assert apps <= {"patients", "trials", "diary", "outcomes", "<app_label>", "cohorts"}
    assert {path for path in opened if "/cohorts/" in path} == {
        path for path in opened if path.startswith("/staff/cohorts/report/")
    }, "a report is of the own clinics, whatever its address names"
    unseen = {path for path in opened if not answers[path][1] and "/cohorts/" not in path}
    assert unseen == {"/staff/<app_label>/"}, "each look is written down; a list of lists shows no row"
    trial = "/staff/trials/stimulationtrial/<uuid:pk>/"
    assert {f"{trial}decision/packet.pdf", f"{trial}decision/<int:signature>/document.json"} <= refused
    assert f"{trial}decision/" in opened
    assert "/staff/trials/stimulationtrial/<path:object_id>/change/" in opened


def test_the_page_of_a_trial_offers_nothing_to_do(
    clinic: Clinic, trial: StimulationTrial, stranger: User, reader: Client
) -> None:
    open_for(stranger, clinic, client=reader)

    page = reader.get(page_of(trial)).content.decode()

    forms = {part.split('"')[0] for part in page.split('action="')[1:]}
    assert forms == {"/staff/emergency/end/", "/staff/logout/"}
    assert 'name="_save"' not in page


def test_the_own_clinic_is_worked_in_as_ever(
    clinic: Clinic, other_clinic: Clinic, stranger: User, reader: Client
) -> None:
    own = make_trial(clinic=other_clinic)
    open_for(stranger, clinic, client=reader)

    page = reader.get(page_of(own)).content.decode()
    added = [add(reader, place) for place in (other_clinic, clinic)]

    assert 'name="_save"' in page
    assert added == [302, 200], "the form comes back: the clinic that is read is none of its choices"
    assert list(Patient.objects.filter(pseudonym="NEW-1").values_list("clinic", flat=True)) == [
        other_clinic.pk
    ]


def add(client: Client, clinic: Clinic) -> int:
    nobody = {"identity-TOTAL_FORMS": "0", "identity-INITIAL_FORMS": "0"}
    sent = {"clinic": clinic.pk, "pseudonym": "NEW-1", "zone": "UTC", "language": "de"} | nobody
    return client.post("/staff/patients/patient/add/", sent).status_code


def test_the_worklist_and_the_cohorts_are_of_the_own_clinic(
    clinic: Clinic, trial: StimulationTrial, stranger: User, reader: Client
) -> None:
    open_for(stranger, clinic, client=reader)

    for page in ("/staff/", "/staff/cohorts/report/", "/staff/cohorts/snapshots/"):
        assert trial.patient.pseudonym not in reader.get(page).content.decode()
    assert trial.patient.pseudonym in reader.get(LISTS[1]).content.decode()
    assert not AuditEvent.objects.filter(clinic_id=clinic.pk, object_type="worklist").exists()


def test_a_key_of_the_reader_opens_nothing_of_it(
    clinic: Clinic, trial: StimulationTrial, stranger: User, reader: Client
) -> None:
    at = datetime.now(UTC)
    token = issue_key(stranger, name="R", scopes=["snapshots.read", "snapshots.make"], days=7, at=at).token
    open_for(stranger, clinic, client=reader)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {ROLE}")

    Client(headers={"Authorization": f"Bearer {token}"}).get("/api/v1/cohorts/snapshots")

    assert not StimulationTrial.objects.exists()
    ask_for(NOTHING)


def test_each_look_says_by_which_access_it_was(
    clinic: Clinic, trial: StimulationTrial, stranger: User, reader: Client
) -> None:
    row = open_for(stranger, clinic, client=reader)

    reader.get(LISTS[0])
    reader.get(page_of(trial))

    looks = AuditEvent.objects.filter(action="look", actor=f"staff:{stranger.pk}").order_by("id")
    by_clinic = [(one.clinic_id == clinic.pk, one.detail.get("emergency")) for one in looks]
    assert by_clinic == [(False, None), (True, row.pk), (True, row.pk)]


@pytest.mark.parametrize("path", ["/staff/", *LISTS, "/staff/second-factor/", "/staff/cohorts/report/"])
def test_every_page_says_that_it_is_open_until_when_and_how_to_end_it(
    clinic: Clinic, stranger: User, reader: Client, path: str
) -> None:
    before = reader.get(path).content.decode()
    row = open_for(stranger, clinic, client=reader)
    page = reader.get(path).content.decode()

    assert 'class="emergency"' not in before
    assert f"you read the records of {clinic} until {row.until:%H:%M} UTC" in page
    assert 'action="/staff/emergency/end/"' in page


def test_nobody_elses_pages_say_so(clinic: Clinic, stranger: User, reader: Client, as_staff: Visit) -> None:
    open_for(stranger, clinic, client=reader)
    colleague = make_staff("colleague", clinic=clinic, role=Role.CLINICIAN)

    assert 'class="emergency"' not in as_staff(colleague).get("/staff/").content.decode()


def test_a_session_that_names_the_access_of_another_person_opens_nothing(
    clinic: Clinic, trial: StimulationTrial, stranger: User, other_clinic: Clinic, as_staff: Visit
) -> None:
    row = open_for(stranger, clinic, client=as_staff(stranger))
    thief = as_staff(make_staff("thief", clinic=other_clinic, role=Role.CLINICIAN))
    session: Any = thief.session
    session[SESSION] = row.pk
    session.save()

    assert thief.get(page_of(trial)).status_code == 404
    assert EmergencyAccess.objects.get().ended_at is None, "and ends nothing of theirs"


def test_asking_costs_one_statement_where_it_is_open_and_none_elsewhere(
    clinic: Clinic, stranger: User, reader: Client
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            reader.get("/staff/second-factor/")
        return sum("emergencyaccess" in one["sql"] for one in seen.captured_queries)

    before = asked()
    open_for(stranger, clinic, client=reader)

    assert (before, asked()) == (0, 1)
