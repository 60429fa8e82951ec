"""Answers to everything but pain scores: sleep, activity, relief, warning signs, a note."""

from django.db import models
from django.db.models import F, Q

from apps.diary.models.captured import Captured, captured_constraints, never_edited
from sctrial.questions import QUESTIONS


class DiaryAnswer(Captured):
    """One answer; ``answer`` has the one key of its question's form. Rows are not edited, only superseded."""

    question = models.CharField(max_length=40, choices={code: code for code in QUESTIONS})
    answer = models.JSONField()
    supersedes = models.ForeignKey(
        "self",
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="superseded_by",
    )

    class Meta:
        ordering = ["diary_day", "captured_at", "id"]
        indexes = [models.Index(fields=["trial", "diary_day"], name="answer_by_trial_day")]
        constraints = [
            *captured_constraints("answer", question=["question"]),
            models.CheckConstraint(condition=Q(question__in=list(QUESTIONS)), name="question_is_known"),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True) | ~Q(supersedes=F("id")),
                name="answer_does_not_supersede_itself",
            ),
            models.UniqueConstraint(
                fields=["trial", "diary_day", "window_no", "question"],
                condition=Q(supersedes__isnull=True, window_no__isnull=False),
                name="one_answer_a_question_and_window",
            ),
        ]
        triggers = never_edited()

    def __str__(self) -> str:
        return f"{self.diary_day} · {self.question}"
