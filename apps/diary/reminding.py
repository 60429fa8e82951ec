"""Remind patients of an open window, once: a row is claimed before anything is sent (docs/adr/0009).

A reminder whose machine dies between the two stays in the log as not confirmed, and is not sent again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from apps.diary import channels, policies
from apps.diary.channels import Message, Result
from apps.diary.compliance import RUNNING, answered_windows, timeliness_of
from apps.diary.models import PatientDevice, Reminder, ReminderPolicy
from apps.diary.wording import pick_language, wording
from apps.trials.models import StimulationTrial
from sctrial.reminders import DayPlan, Moment, QuietHours, Sent, Step, plan_day

#: By the plan of the day, or by hand: ``DayPlan.due`` and ``DayPlan.ask``.
Choose = Callable[..., Moment | None]
#: The day of a diary, wherever it is, is at most this far from the day in UTC.
NEAR: Final = timedelta(days=2)
ASKED_FOR: Final = Q(remind_by_push=True) | Q(remind_by_email=True) | Q(remind_by_sms=True)

# One row a recipient, all of a step at once: what another worker has claimed meanwhile inserts nothing.
CLAIM = """
INSERT INTO diary_reminder (
    trial_id, diary_day, window_no, step, channel, device_id, state, claimed_at, detail)
SELECT %(trial)s, %(day)s, %(window)s, %(step)s, channel, device_id, 'claimed', %(at)s, ''
FROM unnest(%(channels)s::text[], %(devices)s::bigint[]) AS recipient(channel, device_id)
ON CONFLICT DO NOTHING
RETURNING id, channel, device_id
"""


@dataclass(frozen=True)
class Recipient:
    """One way to one person. ``device_id`` is 0 where the channel is not a phone's own."""

    channel: str
    language: str
    address: Any
    device_id: int = 0


@dataclass(frozen=True)
class Due:
    trial: StimulationTrial
    day: date
    moment: Moment
    recipients: tuple[Recipient, ...]


@dataclass(frozen=True)
class Claim:
    """A reminder that is ours to send, within ``seconds``: then its window closes."""

    reminder_id: int
    recipient: Recipient
    step: Step
    seconds: int


def remindable() -> QuerySet[StimulationTrial]:
    """Trials whose patient is expected to answer, has not withdrawn, and has asked to be reminded."""
    phones = PatientDevice.objects.filter(ASKED_FOR, revoked_at__isnull=True)
    return (
        StimulationTrial.objects.filter(
            Exists(phones.filter(trial=OuterRef("pk"))),
            phase__in=[phase.value for phase in RUNNING],
            consent_withdrawn_at__isnull=True,
        )
        .exclude(clinic__reminder_policy__is_on=False)
        .select_related("clinic__reminder_policy", "patient__identity")
        .prefetch_related(Prefetch("devices", queryset=phones.order_by("pk"), to_attr="reminded"))
        .order_by("pk")
    )


def find_due(
    trials: QuerySet[StimulationTrial], *, at: datetime, choose: Choose = DayPlan.due
) -> Iterator[Due]:
    """What is to be sent at ``at``: three queries, however many trials there are."""
    rows = list(trials)
    ids = [trial.pk for trial in rows]
    since = (at - NEAR).date()
    answered = answered_windows(ids, since=since)
    log = list(Reminder.objects.filter(trial_id__in=ids, diary_day__gte=since).order_by())
    for trial in rows:
        recipients = recipients_of(trial)
        day = _today(trial, at=at)
        if recipients and day is not None:
            sent = [one for one in log if one.trial_id == trial.pk and one.diary_day == day]
            given = answered.get(trial.pk, {})
            moment = _moment(trial, day, answered=given, log=sent, at=at, choose=choose)
            if moment is not None:
                yield Due(trial, day, moment, recipients)


def claim(trial_id: UUID, *, at: datetime, choose: Choose = DayPlan.due) -> list[Claim]:
    """The reminders of this trial that are due and nobody has claimed; ours from here on."""
    with transaction.atomic():
        # Two workers at the turn of a step would each see another one due.
        _lock(trial_id)
        due = next(find_due(remindable().filter(pk=trial_id), at=at, choose=choose), None)
        return [] if due is None else _insert(due, at=at)


def deliver(claim: Claim) -> Result:
    return SENDERS[claim.recipient.channel](claim)


def settle(claim: Claim, result: Result, *, at: datetime) -> None:
    """Write down what became of it; a subscription that has ended is not tried again."""
    state = "sent" if result.ok else "failed"
    Reminder.objects.filter(pk=claim.reminder_id).update(state=state, finished_at=at, detail=result.detail)
    if result.is_gone:
        phone = PatientDevice.objects.filter(
            pk=claim.recipient.device_id, push_subscription=claim.recipient.address
        )
        phone.update(push_subscription=None, version=F("version") + 1)


def recipients_of(trial: StimulationTrial) -> tuple[Recipient, ...]:
    """Every channel that the patient has asked for, the operator has set up, and an address is known for."""
    phones: Sequence[PatientDevice] = trial.reminded  # type: ignore[attr-defined]
    language = pick_language(trial.patient.language)
    identity = getattr(trial.patient, "identity", None)
    found = [
        Recipient("push", pick_language(phone.language or language), phone.push_subscription, phone.pk)
        for phone in phones
        if phone.remind_by_push and phone.push_subscription
    ]
    if identity is not None and any(phone.remind_by_email for phone in phones):
        found.append(Recipient("email", language, identity.email))
    if identity is not None and any(phone.remind_by_sms for phone in phones):
        found.append(Recipient("sms", language, identity.phone))
    if phones:
        found.append(Recipient("console", language, trial.patient.pseudonym))
    return tuple(one for one in found if one.address and channels.is_open(one.channel))


def message_of(claim: Claim) -> Message:
    """In the patient's language, and without a word about health: anybody may read a locked screen."""
    texts: Mapping[str, Any] = wording(claim.recipient.language).reminder
    return Message(texts["title"], texts[f"body_{claim.step}"])


def _email(claim: Claim) -> Result:
    message = message_of(claim)
    body = f"{message.body}\n\n{settings.PUBLIC_URL}/app/\n"
    return channels.send_email(claim.recipient.address, Message(message.title, body))


def _sms(claim: Claim) -> Result:
    return channels.send_sms(claim.recipient.address, message_of(claim))


def _push(claim: Claim) -> Result:
    return channels.send_push(claim.recipient.address, message_of(claim), seconds=claim.seconds)


def _console(claim: Claim) -> Result:
    return channels.write_console(claim.recipient.address, message_of(claim))


SENDERS: Mapping[str, Callable[[Claim], Result]] = {
    "push": _push,
    "email": _email,
    "sms": _sms,
    "console": _console,
}


def _today(trial: StimulationTrial, *, at: datetime) -> date | None:
    """The diary day at ``at`` by the patient's clock, if the diary is kept on it."""
    local = at.astimezone(ZoneInfo(trial.patient.zone)).replace(tzinfo=None)
    day = policies.schedule_of(trial).diary_day(local)
    begun = trial.diary_from <= day
    return day if begun and (trial.ended_on is None or day <= trial.ended_on) else None


def _moment(
    trial: StimulationTrial,
    day: date,
    *,
    answered: Any,
    log: Sequence[Reminder],
    at: datetime,
    choose: Choose,
) -> Moment | None:
    policy = getattr(trial.clinic, "reminder_policy", None) or ReminderPolicy()
    quiet = QuietHours(policy.quiet_from, policy.quiet_to)
    schedule = policies.schedule_of(trial)
    plan = plan_day(schedule, day, quiet=quiet, most=policy.most_a_day)
    windows = {number or 1 for number, _, _ in schedule.times_on(day)}
    done = {window for window in windows if timeliness_of(answered, day, window) is not None}
    sent = [Sent(one.window_no, Step(one.step), one.claimed_at) for one in log]
    return choose(plan, at.astimezone(ZoneInfo(trial.patient.zone)), answered=done, sent=sent)


def _lock(trial_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"reminders:{trial_id}"])


def _insert(due: Due, *, at: datetime) -> list[Claim]:
    by_key = {(one.channel, one.device_id): one for one in due.recipients}
    values: dict[str, Any] = {
        "trial": due.trial.pk,
        "day": due.day,
        "window": due.moment.window,
        "step": due.moment.step.value,
        "channels": [channel for channel, _ in by_key],
        "devices": [device_id for _, device_id in by_key],
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        rows = cursor.fetchall()
    closes = due.moment.until.replace(tzinfo=ZoneInfo(due.trial.patient.zone))
    seconds = int((closes - at).total_seconds())
    return [Claim(pk, by_key[channel, device], due.moment.step, seconds) for pk, channel, device in rows]
