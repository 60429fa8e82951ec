"""Write a story into the record through the doors that staff and phones use, at the instants it tells of."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from apps.accounts.models import Clinic
from apps.audit.services import record
from apps.diary.consent import record_consent
from apps.diary.models import OpioidUse, PatientDevice, QuestionnaireResponse
from apps.diary.pairing import issue_code, redeem_code
from apps.diary.schemas import AnswerBody, ConsentBody, EntryBody, parse
from apps.diary.services import Taken, record_answers, record_entries
from apps.outcomes.selectors import SATISFACTION, STATED_RELIEF
from apps.patients.models import Patient, PatientIdentity
from apps.patients.services import Act
from apps.trials.models import AdverseEvent, ProgramInterval, StimulationTrial
from apps.trials.services import touch_evidence
from apps.workspace.demo import hardware
from apps.workspace.demo.background import background_of, write_background
from apps.workspace.demo.cast import ACTOR
from apps.workspace.demo.later import tell_later
from apps.workspace.demo.plot import Said, Story
from sctrial.phases import Phase
from sctrial.questions import QUESTIONS
from sctrial.scales import SCALES, TARGET, ScaleCode, ScoreKind

PLANNED = timedelta(days=7)
RULE_SET = "NORTH_PP"
ALL_DAY, GOAL = "00:00-24:00", "walk around the block"
MORNING, LATE = time(9), time(21, 30)
# The hours at which somebody who answers once, or three times a day, answers.
HOURS = {1: (19,), 3: (8, 13, 19)}
# What is asked beside the average, once in the evening: never better than the average of the day.
WORST_ABOVE = 2
AGES = (31, 82)


class StoryRefused(RuntimeError):
    """The record did not take an answer of a story: the story breaks a rule of the service."""


def tell(story: Story, *, clinic: Clinic, rng: Random) -> bool:
    """Whether the story was written; one that is there already stays as it is."""
    told = StimulationTrial.objects.filter(clinic=clinic, patient__pseudonym=story.pseudonym)
    if told.filter(repeat_number=story.repeat_number).exists():
        return False
    with transaction.atomic():
        _Telling(story, clinic=clinic, rng=rng).run()
    return True


def random_id(rng: Random) -> UUID:
    return UUID(int=rng.getrandbits(128), version=4)


@dataclass
class _Telling:
    story: Story
    clinic: Clinic
    rng: Random

    def run(self) -> None:
        trial = self._new_trial()
        if self.story.repeat_number == 1:
            before = Act(ACTOR, self._at(self.story.first, MORNING))
            write_background(self.story, patient=trial.patient, act=before)
        device = self._pair(trial)
        self._answer(device, days=range(self.story.first, 0))
        hardware.start(trial, story=self.story, at=self._at(0, MORNING))
        device.trial.refresh_from_db()
        self._answer(device, days=range(self.story.last + 1))
        self._state_relief(device)
        self._write_facts(trial)
        hardware.finish(trial, story=self.story, at=self._at(self.story.last, LATE))
        tell_later(trial, story=self.story)

    def _at(self, day: int, clock: time) -> datetime:
        return datetime.combine(self.story.day(day), clock, ZoneInfo(self.clinic.zone))

    def _new_trial(self) -> StimulationTrial:
        story, at = self.story, self._at(self.story.first, MORNING)
        patient = self._patient(at)
        trial = StimulationTrial.objects.create(
            id=random_id(self.rng),
            clinic=self.clinic,
            patient=patient,
            repeat_number=story.repeat_number,
            modality=story.modality,
            target_regions="" if story.target_area else ", ".join(background_of(story).regions),
            target_area=story.target_area,
            rule_set_id=RULE_SET,
            baseline_window=story.baseline_window,
            trial_window=story.trial_window,
            # Open all day, one answer a question; who answers three times a day may answer at any time.
            diary_windows=ALL_DAY if story.answers_once else "",
            goal=GOAL,
            phase=Phase.BASELINE_DIARY.value,
            diary_from=story.day(story.first),
            planned_end_on=story.leads_on + PLANNED,
            created_at=at,
        )
        record(
            action="create",
            object_type="trial",
            object_id=trial.pk,
            by=ACTOR,
            at=at,
            clinic_id=self.clinic.pk,
        )
        return trial

    def _patient(self, at: datetime) -> Patient:
        """Of a repeat trial the patient is there already."""
        story = self.story
        patient, is_new = Patient.objects.get_or_create(
            clinic=self.clinic,
            pseudonym=story.pseudonym,
            defaults={"zone": self.clinic.zone, "created_at": at},
        )
        if is_new:
            # Ofcom keeps 01632 960000 to 960999 for drama: nobody has one of them.
            phone = f"01632 960{Random(f'phone of {story.name}').randrange(1000):03d}"  # noqa: S311
            born = date(at.year - self.rng.randint(*AGES), self.rng.randint(1, 12), self.rng.randint(1, 28))
            PatientIdentity.objects.create(
                patient=patient, full_name=story.full_name, born_on=born, phone=phone
            )
        return patient

    def _pair(self, trial: StimulationTrial) -> PatientDevice:
        at = self._at(self.story.first, MORNING)
        # The token is thrown away: nobody can answer for a made-up patient with this phone.
        device, _ = redeem_code(issue_code(trial, by=ACTOR, at=at), label="Demo phone", at=at)
        self._agree(device, at=at)
        return device

    def _agree(self, device: PatientDevice, *, at: datetime) -> None:
        # A source of its own, so that the ids of the answers stay what they are.
        event_id = random_id(Random(f"consent of {self.story.name}"))  # noqa: S311
        said = {
            "decision": "given",
            "version": "diary-consent/1",
            "language": "en",
            "captured_at": at.isoformat(),
            "zone": self.clinic.zone,
        }
        record_consent(str(event_id), parse(ConsentBody, said), by=device, at=at, request_id="")

    def _answer(self, device: PatientDevice, *, days: range) -> None:
        for day in days:
            for local, bodies in self._spoken_on(day):
                sent = [(str(random_id(self.rng)), parse(EntryBody, body)) for body in bodies]
                received = local.astimezone(UTC) + timedelta(seconds=self.rng.randint(2, 40))
                outcomes = record_entries(sent, by=device, at=received, request_id="")
                refused = [outcome for outcome in outcomes if not isinstance(outcome, Taken)]
                if refused:
                    raise StoryRefused(f"{self.story.title}, day {day}: {refused[0].as_json()}")

    def _state_relief(self, device: PatientDevice) -> None:
        """The patient's own percent, on the last evening."""
        story = self.story
        if story.stated is None:
            return
        local = datetime.combine(story.day(story.last), LATE, ZoneInfo(story.zone_on(story.last)))
        question = QUESTIONS[STATED_RELIEF]
        body = {
            "question": question.code,
            "answer": {question.form.value: story.stated},
            "captured_at": local.isoformat(),
            "zone": str(local.tzinfo),
            "instrument_version": question.version,
            "app_version": "demo",
        }
        sent = [(str(random_id(self.rng)), parse(AnswerBody, body))]
        [outcome] = record_answers(sent, by=device, at=local + timedelta(seconds=20), request_id="")
        if not isinstance(outcome, Taken):
            raise StoryRefused(f"{story.title}, stated relief: {outcome.as_json()}")

    def _spoken_on(self, day: int) -> Iterator[tuple[datetime, list[dict[str, object]]]]:
        """Each time the patient took the phone, and what was answered then."""
        said = {region: days[day] for region, days in self.story.scores.items() if day in days}
        if not said:
            return
        hours = HOURS[max(map(len, said.values()))]
        zone = ZoneInfo(self.story.zone_on(day))
        for turn, hour in enumerate(hours):
            clock = time(hour, self.rng.randint(0, 59), self.rng.randint(0, 59))
            local = datetime.combine(self.story.day(day), clock, zone)
            bodies = [
                self._body(region, ScoreKind.AVERAGE, scores[turn], local=local)
                for region, scores in said.items()
                if turn < len(scores)
            ]
            yield local, bodies + ([self._worst(said[TARGET], local=local)] if turn == len(hours) - 1 else [])

    def _worst(self, scores: Said, *, local: datetime) -> dict[str, object]:
        highest = SCALES[ScaleCode.NRS_11].maximum.numerator
        worst = min(highest, max(scores) + self.rng.randint(0, WORST_ABOVE))
        return self._body(TARGET, ScoreKind.WORST, worst, local=local)

    def _body(self, region: str, kind: ScoreKind, value: int, *, local: datetime) -> dict[str, object]:
        return {
            "region": region,
            "kind": kind.value,
            "value": value,
            "captured_at": local.isoformat(),
            "zone": str(local.tzinfo),
            "instrument_version": f"nrs-{kind.value}-24h/1",
            "app_version": "demo",
        }

    def _write_facts(self, trial: StimulationTrial) -> None:
        """What staff note beside the diary."""
        story = self.story
        ProgramInterval.objects.bulk_create(self._programs(trial))
        AdverseEvent.objects.bulk_create(self._mishaps(trial))
        OpioidUse.objects.bulk_create(
            OpioidUse(trial=trial, day=day, mme=Decimal(dose), table_version="invented doses, no table")
            for day, dose in self._doses()
        )
        if story.satisfied is not None:
            QuestionnaireResponse.objects.create(
                trial=trial,
                instrument=SATISFACTION,
                version="demo/1",
                answered_on=story.day(story.last),
                answers={"satisfied": story.satisfied},
            )
        record(
            action="note",
            object_type="trial",
            object_id=trial.pk,
            by=ACTOR,
            at=self._at(story.last, LATE),
            clinic_id=self.clinic.pk,
            detail={"facts": ["programs", "adverse_events", "opioid_use", "satisfaction"]},
        )
        touch_evidence(trial.pk)

    def _programs(self, trial: StimulationTrial) -> list[ProgramInterval]:
        story = self.story
        ends = {program: program.last for program in story.programs}
        if story.end is not None:
            ends = {program: story.last if last is None else last for program, last in ends.items()}
        return [
            ProgramInterval(
                trial=trial,
                name=program.name,
                waveform=program.waveform,
                frequency_hz=program.frequency_hz,
                contacts=program.contacts,
                coverage_percent=program.coverage_percent,
                started_on=story.day(program.first),
                ended_on=None if last is None else story.day(last),
            )
            for program, last in ends.items()
        ]

    def _mishaps(self, trial: StimulationTrial) -> list[AdverseEvent]:
        return [
            AdverseEvent(
                trial=trial,
                onset_on=self.story.day(mishap.day),
                code=mishap.code,
                severity=mishap.severity,
                serious=mishap.serious,
                description=mishap.description,
                **mishap.coded,
            )
            for mishap in self.story.mishaps
        ]

    def _doses(self) -> Iterator[tuple[date, int]]:
        at_baseline, during = self.story.doses
        for day in sorted(self.story.scores[TARGET]):
            yield self.story.day(day), during if day >= 0 else at_baseline
