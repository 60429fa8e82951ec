from typing import ClassVar

from django.conf import settings
from django.db import models


class Trial(models.Model):
    id = models.UUIDField(primary_key=True)
    patient = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    version = models.BigIntegerField(default=0)


class Event(models.Model):
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    action = models.CharField(max_length=40)
    object_id = models.UUIDField()


class Answered(models.Model):
    """The fields that a phone sends, with nothing beside them."""

    id = models.UUIDField(primary_key=True)
    region = models.CharField(max_length=40)
    kind = models.CharField(max_length=10)
    value = models.PositiveSmallIntegerField()
    captured_at = models.DateTimeField()
    zone = models.CharField(max_length=64)
    instrument_version = models.CharField(max_length=40)
    app_version = models.CharField(max_length=40)

    class Meta:
        abstract = True


class PlainScore(Answered):
    """Written by one INSERT; no other table is looked at."""

    trial_id = models.UUIDField()


class Score(Answered):
    objects: ClassVar[models.Manager["Score"]] = models.Manager()
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE)
