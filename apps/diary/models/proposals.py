"""Diary files that one person proposes and a second one commits (docs/adr/0031)."""

import pgtrigger
from django.db import models
from django.db.models import F, Func, Q, Value

from apps.accounts.models import Clinic, User
from apps.audit.values import OF_ITSELF, values_kept
from apps.diary.models.entries import DiaryImport

OUTCOMES = {"committed": "Committed", "refused": "Refused", "withdrawn": "Withdrawn"}
#: How a proposal ended; the trail has what the file is by its digest.
CLOSING = ("outcome", "words", "closed_by", "closed_at", "diary_import")
#: Too long for the trail, and never changed: two of them have a digest there.
NOT_IN_THE_TRAIL = ("file", "mapping", "report")


class ImportProposal(models.Model):
    """A file as it came, byte for byte. Only how it ended is ever written, and that once."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="import_proposals")
    file_name = models.CharField(max_length=200)
    file = models.BinaryField()
    file_sha256 = models.CharField(max_length=64)
    mapping_name = models.CharField(max_length=200)
    mapping = models.TextField()
    mapping_sha256 = models.CharField(max_length=64)
    source = models.CharField("from where, and why", max_length=200)
    report = models.JSONField("what it would have done when it was proposed")
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    outcome = models.CharField(max_length=20, choices=OUTCOMES, blank=True)
    words = models.CharField(max_length=200, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    closed_at = models.DateTimeField(null=True)
    diary_import = models.OneToOneField(
        DiaryImport, on_delete=models.PROTECT, null=True, related_name="proposal"
    )

    class Meta:
        verbose_name = "proposed import"
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "file_sha256"], condition=Q(outcome=""), name="file_waits_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    file_sha256=Func(
                        Func(F("file"), function="sha256"),
                        Value("hex"),
                        function="encode",
                        output_field=models.TextField(),
                    )
                ),
                name="file_is_that_of_its_digest",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", words="", closed_by=None, closed_at=None, diary_import=None)
                # A comparison with nothing is neither true nor false, and a check takes it for true.
                | Q(outcome__in=list(OUTCOMES), closed_by__isnull=False, closed_at__isnull=False),
                name="proposal_ends_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=["committed", "refused"]) | ~Q(closed_by=F("proposed_by")),
                name="second_person_commits_or_refuses",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="withdrawn") | Q(closed_by=F("proposed_by")),
                name="who_proposed_withdraws",
            ),
            models.CheckConstraint(
                condition=Q(outcome="committed", diary_import__isnull=False, words="")
                | Q(outcome="", diary_import=None)
                | Q(~Q(words=""), outcome__in=["refused", "withdrawn"], diary_import=None),
                name="committed_is_imported_and_the_rest_has_words",
            ),
        ]
        triggers = [
            *values_kept(OF_ITSELF, but=NOT_IN_THE_TRAIL),
            pgtrigger.Protect(name="kept_for_ever", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="as_it_was_proposed",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=list(CLOSING)),
            ),
            pgtrigger.Protect(
                name="closed_for_good",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__closed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_open(self) -> bool:
        return not self.outcome
