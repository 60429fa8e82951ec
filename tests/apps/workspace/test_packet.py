"""The packet for a payer: everything that was signed, readable as text, and tagged."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from pypdfium2 import PdfDocument

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from apps.audit.reasons import Why
from apps.outcomes.deciding import sign_decision
from apps.outcomes.models import Signature
from apps.outcomes.services import assess
from apps.patients.models import ConservativeTherapy, Diagnosis, EligibilityReview, PriorAuthorisation
from apps.patients.services import Act, keep, void
from apps.trials.models import StimulationTrial
from apps.workspace.packet import STUDIES, packet_of, payers_of, psychology_of
from sctrial.checklist import BODY_REGIONS
from sctrial.choices import Choice
from tests.apps.workspace.conftest import Visit
from tests.factories import make_review, make_therapy
from tests.factories.deciding import MET, SIGNING, hand_of, make_waiting
from tests.factories.diary import make_entries

pytestmark = pytest.mark.django_db(transaction=True)
BODY_REGION = next(iter(BODY_REGIONS))
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


def test_the_packet_names_request_diagnosis_and_prior_authorisation(clinic: Clinic, clinician: User) -> None:
    """Medicare asks for trial or permanent; every payer for the code and its own number."""
    trial = make_waiting(clinic)
    act = Act(by="staff:1", at=SIGNING, request_id="test")
    keep(Diagnosis, trial.patient, values={"code": "M96.1", "body_region": BODY_REGION}, act=act)
    numbers = {"number": "UTN-0042", "payer": "Made-up Health", "expires_on": date(2027, 1, 31)}
    keep(PriorAuthorisation, trial.patient, values=numbers, act=act)
    assess(trial.pk, at=SIGNING)
    trial = StimulationTrial.objects.get(pk=trial.pk)

    text = text_of(pdf_of(sign_decision(trial, choice=Choice.IMPLANT, hand=hand_of(clinician, trial=trial))))

    for words in ("Permanent implant, after the trial", "M96.1", "UTN-0042", "Made-up Health", "2027-01-31"):
        assert words in text


def test_payers_of_one_title_are_told_apart_and_studies_stand_by_themselves(signature: Signature) -> None:
    trial = StimulationTrial.objects.get(pk=signature.decision.trial_id)

    groups = dict(payers_of(trial, signature.decision))

    assert list(groups) == ["The trial's own rule", "Payers and routine care", STUDIES]
    titles = [title for rules in groups.values() for _, title in rules]
    assert len(titles) == len(set(titles))
    assert "EVOKE" in {rule_id for rule_id, _ in groups[STUDIES]}


def known_before(text: str) -> str:
    """Treatments and psychological clearance, without the foot of a page that ends among them."""
    text = re.sub(r"Demo data: .*? of \d ?", "", text)
    return text.partition("Treatments before the trial")[2].partition("Diary")[0]


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


def test_every_score_says_who_gave_it(clinic: Clinic, clinician: User) -> None:
    trial = make_waiting(clinic)
    make_entries(trial, {"2026-10-12": 3}, originator="proxy")
    assess(trial.pk, at=SIGNING)
    trial = StimulationTrial.objects.get(pk=trial.pk)

    text = text_of(pdf_of(sign_decision(trial, choice=Choice.IMPLANT, hand=hand_of(clinician, trial=trial))))

    diary = text.partition("Score Given Entry")[2]
    assert (diary.count("by the patient"), diary.count("by a caregiver")) == (len(MET), 1)


def test_what_a_person_typed_is_no_markup(signature: Signature) -> None:
    assert "#strong[not] markup" in text_of(pdf_of(signature))


def test_the_packet_is_tagged_and_the_same_whenever_it_is_made(signature: Signature) -> None:
    first = pdf_of(signature)

    assert b"/MarkInfo" in first
    assert b"/StructTreeRoot" in first
    assert pdf_of(signature) == first


def test_a_procedure_is_one_day_and_a_course_without_an_end_goes_on(signature: Signature) -> None:
    patient = StimulationTrial.objects.get(pk=signature.decision.trial_id).patient
    make_therapy(patient, kind="epidural_steroid", agent="", started_on=date(2026, 3, 4), ended_on=None)
    make_therapy(
        patient, kind="gabapentinoid", agent="pregabalin", started_on=date(2026, 5, 6), ended_on=None
    )

    text = text_of(pdf_of(signature))

    assert "2026-03-04" in text
    assert "2026-03-04, goes on" not in text
    assert "2026-05-06, goes on" in text


def test_what_was_recorded_after_the_signature_is_not_in_it(signature: Signature) -> None:
    """A payer reads what the clinician had before them: without later rows, changes and reviews."""
    patient = StimulationTrial.objects.get(pk=signature.decision.trial_id).patient
    before = text_of(pdf_of(signature))
    (row,) = ConservativeTherapy.objects.filter(patient=patient)
    later = Act(by="staff:test", at=signature.signed_at + timedelta(hours=1), request_id="test")
    swimming = {
        "kind": "physical_therapy",
        "agent": "swimming",
        "started_on": date(2026, 1, 1),
        "outcome": "no_effect",
    }

    keep(ConservativeTherapy, patient, values=swimming, act=later)
    keep(
        ConservativeTherapy,
        patient,
        values=swimming,
        act=later,
        instead_of=row.pk,
        why=Why("mistyped", "mixed up"),
    )
    refused = {"reviewed_on": date(2026, 9, 2), "psych_on": date(2026, 9, 2), "psych_result": "not_cleared"}
    keep(EligibilityReview, patient, values=refused, act=later, why=Why("moved_on", "seen again"))

    after = text_of(pdf_of(signature))
    assert known_before(after) == known_before(before)
    assert "walking" in known_before(after)
    assert "This packet shows what was signed." in after


def test_the_packet_names_who_referred(signature: Signature) -> None:
    assert "Referred by: not recorded" in text_of(pdf_of(signature))
    trial = StimulationTrial.objects.filter(pk=signature.decision.trial_id)
    trial.update(referred_by="Dr Demo, Pain practice", referred_on=date(2026, 8, 1))

    assert "Referred by: Dr Demo, Pain practice, 2026-08-01" in text_of(pdf_of(signature))


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


def test_a_review_that_was_struck_out_names_no_evaluation(trial: StimulationTrial) -> None:
    review = make_review(trial.patient, psych_on=date(2026, 8, 1), psych_result="cleared")
    act = Act(by="staff:test", at=review.recorded_at + timedelta(hours=1), request_id="test")
    void(review, act=act, why=Why("wrong_place", "another patient's"))

    at = act.at + timedelta(hours=1)
    assert "2026-08-01" in psychology_of(trial, at=review.recorded_at)
    assert psychology_of(trial, at=at) == "No psychological evaluation is recorded."
