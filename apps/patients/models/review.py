"""The eligibility review: each version is kept, the newest stands."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from apps.patients.models.before import BeforeTrial, in_percent, not_below_zero
from sctrial.checklist import ANTICOAGULANTS, CONTRAINDICATIONS, MRSA_RESULTS, PSYCH_RESULTS
from sctrial.eligibility import FACTS

PSYCH_CHOICES = {code.value: words for code, words in PSYCH_RESULTS.items()}


def yes_no(fact: str) -> models.BooleanField:
    return models.BooleanField(FACTS[fact].label, null=True, blank=True)


def a_choice(label: str, choices: dict[str, str]) -> models.CharField:
    return models.CharField(label, max_length=20, choices=choices, blank=True)


class EligibilityReview(BeforeTrial):
    """``supersedes`` is the version before. What is null was not answered, which is not "no"."""

    reviewed_on = models.DateField()
    # The checklist, by the names of the facts that payers' rules ask for.
    adult = yes_no("adult")
    neuropathic_origin = yes_no("neuropathic_origin")
    pain_duration_months = models.DecimalField(
        "pain has lasted, months", max_digits=5, decimal_places=1, null=True, blank=True
    )
    untreated_substance_use = yes_no("untreated_substance_use")
    multidisciplinary_team = yes_no("multidisciplinary_team")
    facilities_available = yes_no("facilities_available")
    patient_educated = yes_no("patient_educated")
    nothing_untried = models.BooleanField("no comparable treatment is left to try", null=True, blank=True)
    contraindications = models.JSONField(
        default=dict, blank=True, help_text="By code: true is present, false is absent; left out, not asked"
    )
    contraindication_note = models.CharField(max_length=300, blank=True)
    # Psychological evaluation.
    psych_on = models.DateField("evaluated on", null=True, blank=True)
    psych_evaluator = models.CharField("evaluator's licence", max_length=80, blank=True)
    psych_result = a_choice("result", PSYCH_CHOICES)
    psych_conditions = models.CharField("conditions", max_length=200, blank=True)
    psych_expires_on = models.DateField("valid until", null=True, blank=True)
    # Anticoagulants: recorded as agreed with the prescriber, never computed.
    anticoagulant = a_choice("anticoagulants", dict(ANTICOAGULANTS))
    anticoagulant_agents = models.CharField("drugs", max_length=120, blank=True)
    hold_from = models.DateTimeField("last dose agreed for", null=True, blank=True)
    restart_at = models.DateTimeField("restart agreed for", null=True, blank=True)
    anticoagulant_approved_by = models.CharField("agreed with", max_length=120, blank=True)
    # Infection screen.
    mrsa_result = a_choice("MRSA screen", dict(MRSA_RESULTS))
    mrsa_on = models.DateField("screened on", null=True, blank=True)
    active_infection = models.BooleanField("an infection is active", null=True, blank=True)
    hba1c = models.DecimalField("HbA1c, %", max_digits=4, decimal_places=1, null=True, blank=True)
    smoker = models.BooleanField("smokes", null=True, blank=True)
    attested = models.JSONField(
        "statements for payers", default=dict, blank=True, help_text="By the name in the rule: true or false"
    )

    class Meta(BeforeTrial.Meta):
        constraints = [
            *BeforeTrial.Meta.constraints,
            models.UniqueConstraint(
                fields=["patient"], condition=Q(supersedes__isnull=True), name="one_line_of_reviews"
            ),
            models.CheckConstraint(
                condition=Q(psych_result="") | Q(psych_result__in=list(PSYCH_CHOICES)),
                name="psych_result_is_known",
            ),
            models.CheckConstraint(
                condition=Q(psych_result="") | Q(psych_on__isnull=False),
                name="psych_result_has_day",
                violation_error_message="Give the day of the psychological evaluation.",
            ),
            models.CheckConstraint(
                condition=Q(psych_expires_on__isnull=True) | Q(psych_expires_on__gte=F("psych_on")),
                name="psych_ends_after_evaluation",
                violation_error_message="The psychological evaluation ends before its day.",
            ),
            models.CheckConstraint(
                condition=Q(anticoagulant="") | Q(anticoagulant__in=list(ANTICOAGULANTS)),
                name="anticoagulant_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(anticoagulant="plan_agreed") | ~Q(anticoagulant_approved_by=""),
                name="plan_names_who_agreed",
                violation_error_message="Name who agreed to the plan for the anticoagulant.",
            ),
            models.CheckConstraint(
                condition=Q(mrsa_result="") | Q(mrsa_result__in=list(MRSA_RESULTS)),
                name="mrsa_result_is_known",
            ),
            models.CheckConstraint(
                condition=Q(mrsa_result__in=["", "not_done"]) | Q(mrsa_on__isnull=False),
                name="mrsa_result_has_day",
                violation_error_message="Give the day of the MRSA screen.",
            ),
            models.CheckConstraint(
                condition=in_percent("hba1c"),
                name="hba1c_is_percent",
                violation_error_message="HbA1c is from 0 to 100 percent.",
            ),
            models.CheckConstraint(
                condition=not_below_zero("pain_duration_months"),
                name="pain_duration_from_0",
                violation_error_message="The months of pain are not below 0.",
            ),
        ]

    def clean(self) -> None:
        """What the two tables of yes and no may hold; a database has no words for that."""
        if not self.contraindications.keys() <= CONTRAINDICATIONS.keys():
            raise ValidationError("a contraindication is not one of the checklist")
        answers = [*self.contraindications.values(), *self.attested.values()]
        if not all(isinstance(answer, bool) for answer in answers):
            raise ValidationError("an answer is neither yes nor no; leave out what was not asked")

    def __str__(self) -> str:
        return f"review of {self.reviewed_on:%Y-%m-%d}"
