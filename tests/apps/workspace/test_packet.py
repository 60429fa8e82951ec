"""The packet for a payer: everything that was signed, readable as text, tagged, and quick."""

from datetime import timedelta
from time import perf_counter

import pytest
from django.urls import reverse
from pypdfium2 import PdfDocument

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from apps.outcomes.deciding import sign_decision
from apps.outcomes.models import Signature
from apps.outcomes.services import assess
from apps.trials.models import StimulationTrial
from apps.workspace.packet import packet_of
from sctrial.choices import Choice
from tests.apps.workspace.conftest import Visit
from tests.factories import make_review, make_therapy
from tests.factories.deciding import SIGNING, hand_of, make_waiting

pytestmark = pytest.mark.django_db(transaction=True)
WHY = "#strong[not] markup, $x$ but the patient's wish"


@pytest.fixture
def signature(clinic: Clinic, clinician: User) -> Signature:
    trial = make_waiting(clinic)
    make_therapy(trial.patient)
    make_review(trial.patient, psych_on="2026-09-01", psych_result="cleared")
    assess(trial.pk, at=SIGNING)
    trial = StimulationTrial.objects.get(pk=trial.pk)
    return sign_decision(
        trial,
        choice=Choice.NO_IMPLANT,
        hand=hand_of(clinician, trial=trial),
        reason_code="patient_wish",
        reason=WHY,
    )


def pdf_of(signature: Signature, *, payer: str = "") -> bytes:
    trial = StimulationTrial.objects.get(pk=signature.decision.trial_id)
    made = packet_of(trial, signature.decision, payer=payer or trial.rule_set_id, at=SIGNING)
    assert made is not None
    return made.pdf()


def text_of(pdf: bytes) -> str:
    pages = [page.get_textpage().get_text_range() for page in PdfDocument(pdf)]
    return " ".join(" ".join(pages).split())


def test_the_packet_says_all_that_a_payer_asks_for(signature: Signature) -> None:
    text = text_of(pdf_of(signature))

    for words in (
        "packet for the payer",
        "MAC_NORIDIAN",
        "No implant.",
        "not a medical device",
        "Treatments before the trial",
        "walking",
        "Psychological clearance",
        "2026-10-08",
        signature.name,
        "I have looked at the evidence shown and take this decision.",
    ):
        assert words.lower() in text.lower(), words
    # A digest is broken over lines.
    assert signature.digest in text.replace(" ", "") or signature.digest[:40] in text.replace(" ", "")


def test_what_a_person_typed_is_no_markup(signature: Signature) -> None:
    assert "#strong[not] markup" in text_of(pdf_of(signature))


def test_the_packet_is_tagged_and_the_same_whenever_it_is_made(signature: Signature) -> None:
    first = pdf_of(signature)

    assert b"/MarkInfo" in first
    assert b"/StructTreeRoot" in first
    assert pdf_of(signature) == first


def test_it_takes_less_than_two_seconds(signature: Signature) -> None:
    begun = perf_counter()
    pdf_of(signature)

    assert timedelta(seconds=perf_counter() - begun) < timedelta(seconds=2)


def test_another_payers_rule_is_read_on_the_signed_evidence(signature: Signature) -> None:
    assert "AETNA_0194" in text_of(pdf_of(signature, payer="AETNA_0194"))


@pytest.mark.parametrize(
    ("who", "status"), [("coordinator", 200), ("clinician", 200), ("stranger", 404), ("nobody", 404)]
)
def test_who_may_read_the_decision_may_take_the_packet(
    signature: Signature, as_staff: Visit, request: pytest.FixtureRequest, who: str, status: int
) -> None:
    place = reverse("admin:trial_packet", args=[signature.decision.trial_id])

    answer = as_staff(request.getfixturevalue(who)).get(place)

    assert answer.status_code == status
    assert AuditEvent.objects.filter(action="export").count() == (status == 200)


def test_a_rule_that_nothing_was_judged_with_is_not_there(signature: Signature, as_staff: Visit) -> None:
    place = reverse("admin:trial_packet", args=[signature.decision.trial_id])

    assert as_staff(signature.signer).get(place, {"payer": "NO_SUCH_RULE"}).status_code == 404
