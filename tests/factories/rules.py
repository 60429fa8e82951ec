"""A clinic's own rule sets. The rules are made up, and say so."""

from datetime import datetime

from apps.accounts.models import Clinic, Role, User
from apps.trials.models import ClinicRuleSet
from apps.trials.services import approve_rule_set, propose_rule_set
from tests.factories.staff import make_staff
from tests.factories.trials import NOW

OWN = """
id = "{id}"
version = "{version}"
title = "A rule made up for tests"
holder = "The clinic"
in_force_from = 2020-01-01
score_kind = "average"
cautions = []

[[source]]
text = "Made up for tests"
mark = "D"

[root]
criterion = "pain_reduction"
id = "target_pain"
label = "Target pain at least {threshold} lower"
region = "target"
threshold = "{threshold}"
"""


def own_rule(*, rule_id: str = "OUR_RULE", version: str = "2026.1", threshold: str = "40%") -> str:
    return OWN.format(id=rule_id, version=version, threshold=threshold)


def member(clinic: Clinic, role: Role, *, name: str) -> User:
    """The person of this name in this clinic, made when there is none."""
    username = f"{name} of {clinic.pk}"
    return User.objects.filter(username=username).first() or make_staff(username, clinic=clinic, role=role)


def make_proposal(clinic: Clinic, text: str = "", *, at: datetime = NOW) -> ClinicRuleSet:
    proposer = member(clinic, Role.SITE_ADMIN, name="proposer")
    return propose_rule_set(clinic=clinic, text=text or own_rule(), by=proposer, at=at)


def make_own_rule(clinic: Clinic, text: str = "", *, at: datetime = NOW) -> ClinicRuleSet:
    """Proposed by one and approved by another."""
    approver = member(clinic, Role.CLINICIAN, name="approver")
    return approve_rule_set(make_proposal(clinic, text, at=at), by=approver, at=at)
