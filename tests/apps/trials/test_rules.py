"""A clinic's own rule sets: the loader of the shipped ones, a second person, and text that is kept."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from apps.accounts.models import Clinic, Role, User
from apps.audit.models import AuditEvent
from apps.trials.models import ClinicRuleSet
from apps.trials.policies import APPROVERS, PROPOSERS, CannotApprove, CannotPropose
from apps.trials.rules import read_rulebook, rules_of
from apps.trials.services import approve_rule_set, change_trial, propose_rule_set
from apps.workspace.permissions import RIGHTS
from sctrial.criteria import UnknownRuleSet, read_rule_set, rule_sets
from sctrial.phases import Phase
from tests.factories import CORRECTS, NOW, make_own_rule, make_proposal, make_staff, make_trial, own_rule

pytestmark = pytest.mark.django_db


def test_a_proposal_holds_the_text_as_sent_and_the_digest_of_the_rule(clinic: Clinic) -> None:
    row = make_proposal(clinic, own_rule(version="2026.3"))

    assert (row.rule_id, row.version, str(row)) == ("OUR_RULE", "2026.3", "OUR_RULE 2026.3")
    assert row.content == own_rule(version="2026.3")
    assert row.digest == read_rule_set(row.content, origin="test").digest


BAD = [
    ("id = ", "id: is not TOML", "is not TOML"),
    ('version = "2026.1"', 'version = "1"', "version: '1' must be the year and a number"),
    ('holder = "The clinic"', "", "holder: is missing"),
    ('mark = "D"', 'mark = "?"', r"source\[0\].mark"),
    ('threshold = "40%"', 'threshold = "40%"\nthreshhold = 4', "root.threshhold: is not known here"),
    ('id = "OUR_RULE"', 'id = "NORTH_PP"', "id: NORTH_PP is the name of a shipped rule set"),
    ('id = "OUR_RULE"', 'id = "north_pp"', "id: north_pp is the name of a shipped rule set"),
    ('id = "OUR_RULE"', f'id = "{"A" * 61}"', "id: has 61 letters; shorten it to 60"),
    ("cautions = []", "cautions = " + "[" * 5000 + "]" * 5000, "nested too deeply"),
    ("cautions = []", f"cautions = [{'9' * 5000}]", "4300 digits"),
    ("cautions = []", "# " + "x" * 20_000, "shorten it to 20000"),
]


@pytest.mark.parametrize(("part", "instead", "message"), BAD)
def test_a_document_that_is_wrong_is_refused_with_its_key_and_the_remedy(
    clinic: Clinic, part: str, instead: str, message: str
) -> None:
    text = own_rule().replace(part, instead, 1)

    with pytest.raises(CannotPropose, match=message):
        make_proposal(clinic, text)
    assert not ClinicRuleSet.objects.exists()


@pytest.mark.parametrize("version", ["2026.9", "2026.10", "2025.11"])
def test_a_version_must_be_newer_than_every_other(clinic: Clinic, version: str) -> None:
    """2026.10 comes after 2026.9: versions are numbers."""
    make_proposal(clinic, own_rule(version="2026.9"))
    make_proposal(clinic, own_rule(version="2026.10"))

    with pytest.raises(CannotPropose, match=rf"version: {version} is not newer than 2026\.10"):
        make_proposal(clinic, own_rule(version=version))


def test_another_clinic_may_use_the_same_name_and_version(clinic: Clinic, other_clinic: Clinic) -> None:
    make_own_rule(clinic)
    make_own_rule(other_clinic, own_rule(threshold="60%"))

    assert rules_of(clinic.pk)["OUR_RULE"].digest != rules_of(other_clinic.pk)["OUR_RULE"].digest


@pytest.mark.parametrize(
    ("role", "proposes", "approves"),
    [
        (Role.COORDINATOR, False, False),
        (Role.CLINICIAN, False, True),
        (Role.SITE_ADMIN, True, True),
        (Role.ANALYST, False, False),
    ],
)
def test_who_may_propose_and_who_may_approve(
    clinic: Clinic, other_clinic: Clinic, role: Role, proposes: bool, approves: bool
) -> None:
    person = make_staff("person", clinic=clinic, role=role)
    same_role_elsewhere = make_staff("elsewhere", clinic=other_clinic, role=role)
    row = make_proposal(clinic)

    def may_propose(by: User) -> bool:
        with suppress(CannotPropose):
            propose_rule_set(clinic=clinic, text=own_rule(rule_id="NEXT"), by=by, at=NOW)
        return ClinicRuleSet.objects.filter(rule_id="NEXT").exists()

    def may_approve(by: User) -> bool:
        with suppress(CannotApprove):
            approve_rule_set(row, by=by, at=NOW)
        return ClinicRuleSet.objects.filter(approved_by=by).exists()

    assert (may_propose(same_role_elsewhere), may_approve(same_role_elsewhere)) == (False, False)
    assert (may_propose(person), may_approve(person)) == (proposes, approves)
    # The same table as the one that the pages ask.
    rights = RIGHTS["trials.clinicruleset"][role]
    assert ("add" in rights, "change" in rights) == (role in PROPOSERS, role in APPROVERS)


def test_a_person_who_left_approves_nothing(clinic: Clinic, clinician: User) -> None:
    User.objects.filter(pk=clinician.pk).update(is_active=False)
    clinician.refresh_from_db()

    with pytest.raises(CannotApprove, match="only a site admin or clinician"):
        approve_rule_set(make_proposal(clinic), by=clinician, at=NOW)


def test_nobody_approves_what_they_proposed(clinic: Clinic, site_admin: User) -> None:
    row = propose_rule_set(clinic=clinic, text=own_rule(), by=site_admin, at=NOW)

    with pytest.raises(CannotApprove, match=r"you proposed OUR_RULE 2026\.1; another person approves it"):
        approve_rule_set(row, by=site_admin, at=NOW)


def test_an_approval_is_given_once_and_never_to_an_older_version(clinic: Clinic, clinician: User) -> None:
    older = make_proposal(clinic)
    newer = make_own_rule(clinic, own_rule(version="2026.2"))

    with pytest.raises(CannotApprove, match=r"2026\.2 is approved already"):
        approve_rule_set(newer, by=clinician, at=NOW)
    with pytest.raises(CannotApprove, match=r"2026\.2 is approved already and newer"):
        approve_rule_set(older, by=clinician, at=NOW)


def test_both_acts_are_in_the_trail(clinic: Clinic) -> None:
    row = make_own_rule(clinic)

    trail = AuditEvent.objects.filter(object_type="clinicruleset", object_id=str(row.pk)).order_by("id")
    assert [(event.action, event.actor, event.clinic_id) for event in trail] == [
        ("propose", f"staff:{row.proposed_by_id}", clinic.pk),
        ("approve", f"staff:{row.approved_by_id}", clinic.pk),
    ]
    assert trail[0].detail == {"rule_set": "OUR_RULE", "version": "2026.1", "digest": row.digest}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("approved_by_id = proposed_by_id, approved_at = now()", "second_person_approves"),
        ("approved_at = now()", "approval_has_person_and_time"),
    ],
)
def test_the_database_refuses_an_approval_that_is_none(clinic: Clinic, change: str, name: str) -> None:
    make_proposal(clinic)

    with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE trials_clinicruleset SET {change}")


@pytest.mark.parametrize("approved", [False, True])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trials_clinicruleset SET content = ''",
        "UPDATE trials_clinicruleset SET digest = 'sha256:0'",
        "UPDATE trials_clinicruleset SET version = '2030.1'",
        "UPDATE trials_clinicruleset SET rule_id = 'OTHER'",
        "UPDATE trials_clinicruleset SET clinic_id = clinic_id + 1",
        "UPDATE trials_clinicruleset SET proposed_at = now()",
        "DELETE FROM trials_clinicruleset",
    ],
)
def test_the_database_keeps_a_proposal_as_it_was_made(clinic: Clinic, statement: str, approved: bool) -> None:
    (make_own_rule if approved else make_proposal)(clinic)

    with (
        pytest.raises(ProgrammingError, match=r"Cannot (update|delete) rows"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_database_keeps_an_approval(clinic: Clinic) -> None:
    make_own_rule(clinic)

    with (
        pytest.raises(ProgrammingError, match="Cannot update rows"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE trials_clinicruleset SET approved_by_id = NULL, approved_at = NULL")


# --- what a clinic's trials may be judged under ---


def test_a_clinic_has_the_shipped_rules_and_the_newest_approved_version_of_its_own(
    clinic: Clinic, other_clinic: Clinic
) -> None:
    make_own_rule(clinic, own_rule(version="2026.9"))
    make_own_rule(clinic, own_rule(version="2026.10"))
    make_proposal(clinic, own_rule(version="2026.11"))
    make_proposal(clinic, own_rule(rule_id="NOT_YET"))

    assert rules_of(clinic.pk).keys() == rule_sets().keys() | {"OUR_RULE"}
    assert rules_of(clinic.pk)["OUR_RULE"].version == "2026.10"
    assert rules_of(other_clinic.pk) == rule_sets() == rules_of(None)


def test_a_rule_that_this_release_cannot_read_leaves_the_others_in_use(
    clinic: Clinic, caplog: pytest.LogCaptureFixture
) -> None:
    """As after an update of the loader, or when somebody has gone round the triggers."""
    row, sound = make_proposal(clinic), make_own_rule(clinic, own_rule(rule_id="SOUND"))
    facts = {"proposed_by": row.proposed_by, "proposed_at": NOW, "approved_by": sound.approved_by}
    facts |= {"clinic": clinic, "approved_at": NOW, "digest": row.digest}
    ClinicRuleSet.objects.create(rule_id="OLD", version="2026.1", content="not TOML", **facts)
    text = own_rule(rule_id="OTHER_TEXT")
    ClinicRuleSet.objects.create(rule_id="OTHER_TEXT", version="2026.1", content=text, **facts)

    assert rules_of(clinic.pk).keys() == rule_sets().keys() | {"SOUND"}
    assert "OLD 2026.1 of clinic" in caplog.text
    assert "OTHER_TEXT 2026.1 of clinic" in caplog.text


def test_a_trial_may_be_given_an_approved_rule_of_its_own_clinic_and_no_other(
    clinic: Clinic, other_clinic: Clinic
) -> None:
    trial = make_trial(clinic=clinic, phase=Phase.BASELINE_DIARY.value, lead_placed_on=None)
    make_own_rule(clinic)
    make_own_rule(other_clinic, own_rule(rule_id="FOREIGN"))
    make_proposal(clinic, own_rule(rule_id="PROPOSED"))

    for unknown in ("FOREIGN", "PROPOSED", "NO_SUCH_RULE"):
        with pytest.raises(UnknownRuleSet, match=f"there is no rule set '{unknown}'; known are: .*OUR_RULE"):
            change_trial(trial.pk, changes={"rule_set_id": unknown}, act=CORRECTS)

    changed = change_trial(trial.pk, changes={"rule_set_id": "OUR_RULE"}, act=CORRECTS)
    assert changed.rule_set_id == "OUR_RULE"


@pytest.mark.parametrize(
    ("leads_on", "version"),
    [
        (None, "2026.2"),
        (date(2026, 10, 11), "2026.1"),
        (date(2026, 10, 12), "2026.2"),
        # Leads from before the rule was approved, entered later: the first version there was.
        (date(2026, 10, 1), "2026.1"),
    ],
)
def test_a_trial_keeps_the_version_that_was_approved_by_the_day_of_the_leads(
    clinic: Clinic, leads_on: date | None, version: str
) -> None:
    """A version approved once scores can be seen could be written to fit the wish. NOW is 12 October."""
    make_own_rule(clinic, at=NOW - timedelta(days=5))
    make_own_rule(clinic, own_rule(version="2026.2", threshold="10%"), at=NOW)
    trial = make_trial(clinic=clinic, rule_set_id="OUR_RULE", lead_placed_on=leads_on)

    assert read_rulebook([clinic.pk]).rule_of(trial, on=NOW.date()).version == version


@pytest.mark.parametrize(("day", "version"), [(date(2026, 10, 31), "2026.1"), (date(2026, 11, 1), "2026.2")])
def test_a_version_with_a_later_first_day_waits_for_it(clinic: Clinic, day: date, version: str) -> None:
    make_own_rule(clinic)
    make_own_rule(clinic, own_rule(version="2026.2").replace("2020-01-01", "2026-11-01"))
    rulebook = read_rulebook([clinic.pk])
    trial = make_trial(clinic=clinic, rule_set_id="OUR_RULE", lead_placed_on=None)

    assert rulebook.rules_of(clinic.pk, on=day)["OUR_RULE"].version == version
    assert rulebook.rule_of(trial, on=day).version == version


def test_a_version_that_ends_a_rule_does_not_bring_the_one_before_back(clinic: Clinic) -> None:
    make_own_rule(clinic)
    make_own_rule(
        clinic, own_rule(version="2026.2").replace("2020-01-01", "2020-01-01\nin_force_to = 2026-10-11")
    )

    found = read_rulebook([clinic.pk]).rules_of(clinic.pk, on=NOW.date())["OUR_RULE"]

    assert (found.version, found.is_in_force(NOW.date())) == ("2026.2", False)
