"""The patient API: put one answer, send a backlog, read one back, pair a phone."""

from typing import Any, cast

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.diary import documentation as docs
from apps.diary.models import PatientDevice
from apps.diary.pairing import redeem_code
from apps.diary.schemas import CANONICAL_UUID4, BatchItem, EntryBody, PairingBody, parse
from apps.diary.selectors import entry_of
from apps.diary.serializers import entry_json, trial_json
from apps.diary.services import Outcome, Taken, record_entries
from apps.problems import FieldError, Problem, invalid
from apps.trials.signals import evidence_changed

BATCH_LIMIT = 500


class EntryView(APIView):
    @extend_schema(**docs.PUT_ENTRY)
    def put(self, request: Request, entry_id: str) -> Response:
        body = parse(EntryBody, request.data)
        (outcome,) = _record(request, [(entry_id, body)])
        if isinstance(outcome, Problem):
            raise outcome
        status = 201 if outcome.created else 200
        return Response(entry_json(outcome.entry), status=status)

    @extend_schema(**docs.GET_ENTRY)
    def get(self, request: Request, entry_id: str) -> Response:
        return Response(entry_json(entry_of(_device(request), entry_id=entry_id)))


class BatchView(APIView):
    @extend_schema(**docs.POST_BATCH)
    def post(self, request: Request) -> Response:
        items = _items(request.data)
        parsed = [_parse_item(item) for item in items]
        sent = [(item.id, item.body()) for item in parsed if isinstance(item, BatchItem)]
        outcomes = iter(_record(request, sent))
        results = [
            _result(raw, item if isinstance(item, Problem) else next(outcomes))
            for raw, item in zip(items, parsed, strict=True)
        ]
        return Response({"results": results}, status=207)


class PairingView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(**docs.POST_PAIRING)
    def post(self, request: Request) -> Response:
        body = parse(PairingBody, request.data)
        device, token = redeem_code(body.code, label=body.label, at=timezone.now())
        return Response({"token": token, "trial": trial_json(device.trial)}, status=201)


def _device(request: Request) -> PatientDevice:
    return cast(PatientDevice, request.auth)


def _record(request: Request, sent: list[tuple[str, EntryBody]]) -> list[Outcome]:
    device = _device(request)
    request_id = request.META.get("REQUEST_ID", "")
    outcomes = record_entries(sent, by=device, at=timezone.now(), request_id=request_id)
    if any(isinstance(outcome, Taken) and outcome.created for outcome in outcomes):
        evidence_changed.send(sender=PatientDevice, trial_id=device.trial_id)
    return outcomes


def _items(data: Any) -> list[Any]:
    items = data.get("entries") if isinstance(data, dict) and set(data) == {"entries"} else None
    if not isinstance(items, list):
        raise invalid(FieldError("/entries", "required", 'Send {"entries": [...]} and nothing else.'))
    if len(items) > BATCH_LIMIT:
        raise Problem(413, "batch_too_large", f"Send at most {BATCH_LIMIT} entries at once.")
    return items


def _parse_item(item: Any) -> BatchItem | Problem:
    try:
        return parse(BatchItem, item)
    except Problem as problem:
        return problem


def _result(raw: Any, outcome: Outcome) -> dict[str, Any]:
    sent_id = raw.get("id") if isinstance(raw, dict) else None
    canonical = isinstance(sent_id, str) and CANONICAL_UUID4.fullmatch(sent_id)
    # Anything else is not echoed: it may hold what no answer should carry.
    known = {"id": sent_id if canonical else None}
    if isinstance(outcome, Problem):
        return known | {"status": outcome.status, "problem": outcome.as_json()}
    return known | {"status": 201 if outcome.created else 200, "entry": entry_json(outcome.entry)}
