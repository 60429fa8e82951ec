"""Names and secrets in the trail: the ones are sealed and can be erased, the others never come there."""

import hashlib
from datetime import date
from typing import Any, Final

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.db.models import Model

from apps.accounts.models import ApiKey, Clinic, StaffMembership, User
from apps.audit.models import ValueChange
from apps.audit.verifying import Verifier
from apps.diary.models import PairingCode, PatientDevice, ReminderPolicy
from apps.patients.models import PatientIdentity
from tests.apps.workspace.every_row import make_every_row
from tests.factories import make_patient

SECRETS: Final[dict[type[Model], tuple[str, ...]]] = {
    User: ("password",),
    ApiKey: ("token_sha256",),
    Authenticator: ("data",),
    PatientDevice: ("token_sha256", "push_subscription", "label"),
    PairingCode: ("code_sha256", "link_sha256", "attempt"),
}
#: Columns of these names are no secrets: of an answer, a file or its mapping, to see it is the same again.
DIGESTS: Final = {"body_sha256", "file_sha256", "mapping_sha256", "sha256"}


def changes(model: type[Model]) -> list[tuple[str, Any, Any]]:
    rows = ValueChange.objects.filter(table=model._meta.db_table).order_by("id")
    return list(rows.values_list("operation", "old", "new"))


def whole_trail() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(string_agg(concat_ws(' ', row_id, old, new), ' '), '') FROM audit_valuechange"
            " UNION ALL SELECT coalesce(string_agg(e::text, ' '), '') FROM audit_auditevent AS e"
        )
        return " ".join(text for (text,) in cursor.fetchall())


def said(value: Any) -> list[str]:
    """Every text in a value, however deep."""
    if isinstance(value, dict | list):
        inside = value.values() if isinstance(value, dict) else value
        return [text for one in inside for text in said(one)]
    return [str(value)] if value is not None and len(str(value)) > 7 else []


@pytest.fixture
def identity(clinic: Clinic) -> PatientIdentity:
    return PatientIdentity.objects.create(
        patient=make_patient(clinic=clinic),
        full_name="Made-up Madeleine Sample",
        born_on=date(1961, 4, 9),
        phone="+49 171 5550123",
        email="madeleine@example.org",
    )


class TestSecrets:
    def test_no_secret_that_the_service_holds_is_in_the_trail(self, clinic: Clinic) -> None:
        make_every_row(clinic)
        subscription = {"endpoint": "https://push.example/made-up", "keys": {"auth": "made-up-auth"}}
        PatientDevice.objects.update(push_subscription=subscription, label="Made-up Mary's phone")
        trail = whole_trail()

        held = {
            (model._meta.db_table, column): said(list(model._default_manager.values_list(column, flat=True)))
            for model, columns in SECRETS.items()
            for column in columns
        }

        # An attempt is only there where a phone named one.
        assert [place for place, texts in held.items() if not texts and place[1] != "attempt"] == []
        assert [place for place, texts in held.items() if any(text in trail for text in texts)] == []

    def test_a_column_that_sounds_like_a_secret_is_kept_of_no_table(self, clinic: Clinic) -> None:
        make_every_row(clinic)

        columns = {key for row in ValueChange.objects.all() for key in (row.old or {}) | (row.new or {})}

        sounds = ("secret", "password", "token", "sha256", "hash", "subscription", "endpoint", "key")
        assert "emergency_phone" in columns
        assert {name for name in columns - DIGESTS if any(word in name for word in sounds)} == set()


class TestRights:
    def test_a_right_that_sql_gives_is_kept(self, clinic: Clinic, analyst: User) -> None:
        StaffMembership.objects.filter(user=analyst).update(role="site_admin")
        User.objects.filter(pk=analyst.pk).update(is_superuser=True)

        assert changes(StaffMembership)[-1] == ("UPDATE", {"role": "analyst"}, {"role": "site_admin"})
        assert changes(User)[-1] == ("UPDATE", {"is_superuser": False}, {"is_superuser": True})

    def test_a_new_password_and_a_sign_in_leave_no_value(self, analyst: User) -> None:
        before = len(changes(User))

        analyst.set_password("another-made-up-one")
        analyst.save()

        assert len(changes(User)) == before

    def test_a_factor_that_sql_adds_or_takes_is_kept_without_its_key(self, analyst: User) -> None:
        factor = Authenticator.objects.create(user=analyst, type="totp", data={"secret": "made-up-secret"})
        factor.delete()

        added, taken = changes(Authenticator)
        assert (added[0], added[2]["type"], added[2]["user_id"]) == ("INSERT", "totp", analyst.pk)
        assert taken == ("DELETE", added[2], None)

    def test_a_clinic_and_how_it_reminds_are_kept_in_its_own_chain(self, clinic: Clinic) -> None:
        Clinic.objects.filter(pk=clinic.pk).update(emergency_phone="112")
        policy = ReminderPolicy.objects.create(clinic=clinic)
        ReminderPolicy.objects.filter(pk=policy.pk).update(is_on=False)

        assert changes(Clinic)[-1] == ("UPDATE", {"emergency_phone": ""}, {"emergency_phone": "112"})
        assert changes(ReminderPolicy)[-1] == ("UPDATE", {"is_on": True}, {"is_on": False})
        assert set(ValueChange.objects.values_list("clinic_id", flat=True)) == {clinic.pk}


class TestIdentity:
    def test_no_name_or_number_is_in_the_trail(self, identity: PatientIdentity) -> None:
        PatientIdentity.objects.update(full_name="Made-up Madeleine Other", phone="")
        trail = whole_trail()

        assert "sealed:" in trail
        assert [word for word in ("adeleine", "1961", "5550123", "example.org") if word in trail] == []

    def test_a_change_and_a_change_back_are_seen(self, identity: PatientIdentity) -> None:
        for name in ("Made-up Madeleine Other", "Made-up Madeleine Sample"):
            PatientIdentity.objects.update(full_name=name)

        (_, _, added), (_, first, second), (_, again, last) = changes(PatientIdentity)
        assert first["full_name"] == added["full_name"] == last["full_name"]
        assert second["full_name"] == again["full_name"] != first["full_name"]
        assert list(second) == ["full_name"]

    def test_nothing_to_a_number_and_back_is_seen(self, identity: PatientIdentity) -> None:
        PatientIdentity.objects.update(born_on=None, phone="")
        PatientIdentity.objects.update(born_on=date(1961, 4, 9))

        (_, _, added), (_, _, gone), (_, before, after) = changes(PatientIdentity)
        assert gone == {"born_on": None, "phone": ""}
        assert (before, after) == ({"born_on": None}, {"born_on": added["born_on"]})

    def test_whoever_has_the_row_can_hold_a_name_against_the_trail(self, identity: PatientIdentity) -> None:
        identity.refresh_from_db()
        (_, _, added), *_ = changes(PatientIdentity)

        sealed = f"{identity.trail_key}:full_name:Made-up Madeleine Sample"
        assert added["full_name"] == "sealed:" + hashlib.sha256(sealed.encode()).hexdigest()

    def test_two_patients_of_one_name_look_like_two(self, identity: PatientIdentity) -> None:
        other = make_patient(clinic=identity.patient.clinic)
        PatientIdentity.objects.create(patient=other, full_name=identity.full_name)

        names = [new["full_name"] for _, _, new in changes(PatientIdentity)]

        assert len(set(names)) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("erase", ["delete", "tombstone"])
def test_an_erased_identity_leaves_a_valid_chain_and_no_key_to_it(clinic: Clinic, erase: str) -> None:
    identity = PatientIdentity.objects.create(patient=make_patient(clinic=clinic), full_name="Made-up Max")
    identity.refresh_from_db()
    key = str(identity.trail_key)

    with connection.cursor() as cursor:
        if erase == "delete":
            cursor.execute("DELETE FROM patients_patientidentity")
        else:
            cursor.execute(
                "UPDATE patients_patientidentity SET full_name = '(erased)', trail_key = gen_random_uuid()"
            )

    assert list(Verifier().flaws()) == []
    assert key not in whole_trail()
    assert not PatientIdentity.objects.filter(trail_key=key).exists()
    assert "Made-up Max" not in whole_trail()
