"""Schedules as programs of analysts ask for them."""

from typing import Any, ClassVar, Final

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import ApiKey
from apps.cohorts import scheduling
from apps.cohorts.api import schedule_documentation as docs
from apps.cohorts.api.schemas import ScheduleBody
from apps.cohorts.api.serializers import schedule_json
from apps.cohorts.api.views import NOT_HERE, KeyView, asker_of, bad_question, key_of, listed
from apps.cohorts.models import ReportSchedule
from apps.cohorts.question import BadQuestion, read_question
from apps.cohorts.scheduling import SCHEDULE, NoSchedule, SameSchedule
from apps.cohorts.timetable import WEEK
from apps.diary.schemas import parse
from apps.problems import FieldError, Problem, invalid
from apps.workspace.permissions import read_access

MAKE: Final = "schedules.make"
#: What says how a thing leaves, and what it is when it is left out.
LEAVES: Final = {"snapshot": ("form", "study_days"), "report": ("audience", "shared")}
LONGEST_ID: Final = 18


class SchedulesView(KeyView):
    scopes: ClassVar[dict[str, str]] = {"GET": MAKE, "POST": MAKE}

    @extend_schema(**docs.LIST_SCHEDULES)
    def get(self, request: Request) -> Response:
        own = scheduling.own_schedules(_key(request).user)
        return listed(request, own, newest_by="made_at", as_json=schedule_json)

    @extend_schema(**docs.POST_SCHEDULE)
    def post(self, request: Request) -> Response:
        key, asked = _key(request), _asked(parse(ScheduleBody, request.data))
        text = asked.pop("question")
        try:
            made = scheduling.make_schedule(
                read_question(text),
                asker=asker_of(key, request, at=timezone.now()),
                person=key.user,
                **asked,
            )
        except BadQuestion as bad:
            raise bad_question(bad) from None
        except SameSchedule as same:
            return Response(schedule_json(same.schedule), status=200)
        except NoSchedule as none:
            raise Problem(409, "no_schedule", str(none)) from None
        return Response(schedule_json(made), status=201)


class ScheduleView(KeyView):
    scopes: ClassVar[dict[str, str]] = {"GET": MAKE, "DELETE": MAKE}

    @extend_schema(**docs.GET_SCHEDULE)
    def get(self, request: Request, schedule_id: str) -> Response:
        return Response(schedule_json(_own(_key(request), schedule_id)))

    @extend_schema(**docs.DELETE_SCHEDULE)
    def delete(self, request: Request, schedule_id: str) -> Response:
        _act(request, schedule_id, "delete")
        return Response(status=204)


class PauseView(KeyView):
    scopes: ClassVar[dict[str, str]] = {"POST": MAKE}

    @extend_schema(**docs.PAUSE_SCHEDULE)
    def post(self, request: Request, schedule_id: str) -> Response:
        return Response(schedule_json(_act(request, schedule_id, "pause")))


class ResumeView(KeyView):
    scopes: ClassVar[dict[str, str]] = {"POST": MAKE}

    @extend_schema(**docs.RESUME_SCHEDULE)
    def post(self, request: Request, schedule_id: str) -> Response:
        return Response(schedule_json(_act(request, schedule_id, "resume")))


def _asked(body: ScheduleBody) -> dict[str, Any]:
    """What is left out filled in; refused is what belongs to the other thing, and an eighth day of a week."""
    own, usual = LEAVES[body.makes]
    asked = body.model_dump() | {own: getattr(body, own) or usual}
    for makes, (name, _) in LEAVES.items():
        if name != own and asked[name] is not None:
            detail = f"is of a {makes}, not of a {body.makes}; leave it out."
            raise invalid(FieldError(f"/{name}", "not_of_this", detail))
    if body.every == WEEK and body.day not in range(1, 8):
        raise invalid(FieldError("/day", "out_of_range", "Send 1 (Monday) to 7 (Sunday) for a week."))
    return {name: value for name, value in asked.items() if value is not None}


def _act(request: Request, schedule_id: str, act: str) -> ReportSchedule:
    key, at = _key(request), timezone.now()
    found, asker = _own(key, schedule_id), asker_of(key, request, at=at)
    scheduling.act_on(found, act, by=asker.by, at=at, request_id=asker.request_id)
    found.refresh_from_db()
    return found


def _key(request: Request) -> ApiKey:
    key = key_of(request)
    if not read_access(key.user).may("view", resource=SCHEDULE):
        raise Problem(403, "permission_denied", "The person of this key may not use schedules.")
    return key


def _own(key: ApiKey, schedule_id: str) -> ReportSchedule:
    if not (schedule_id.isascii() and schedule_id.isdigit() and len(schedule_id) <= LONGEST_ID):
        raise NOT_HERE
    found = scheduling.own_schedules(key.user).filter(pk=int(schedule_id)).first()
    if found is None:
        raise NOT_HERE
    return found
