"""The patient API: the day, answers, corrections, consent, this phone's settings, joining."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.diary import documentation as docs
from apps.diary import policies, selectors
from apps.diary.consent import consent_of, record_consent
from apps.diary.corrections import correction_of, request_correction
from apps.diary.day import asking_of, tag_of, today_json
from apps.diary.models import PatientDevice
from apps.diary.pairing import pair_phone, revoke_device
from apps.diary.phones import change_device, device_json, etag_of
from apps.diary.schemas import (
    CANONICAL_UUID4,
    AnswerBody,
    BatchAnswer,
    BatchEntry,
    ConsentBody,
    CorrectionBody,
    DeviceBody,
    EntryBody,
    PairingBody,
    parse,
)
from apps.diary.serializers import (
    answer_json,
    consent_json,
    correction_json,
    entry_json,
    receipt_of,
    trial_json,
)
from apps.diary.services import AnswerOutcome, Outcome, Taken, record_answers, record_entries
from apps.diary.statements import EVIDENCE
from apps.diary.throttling import DeviceThrottle, PairingThrottle
from apps.diary.wording import pick_language
from apps.problems import FieldError, Problem, invalid, log_refusal
from apps.trials.signals import evidence_changed

BATCH_LIMIT = 500
JSON = JSONRenderer.media_type
TAKES_JSON = frozenset({"*/*", "application/json", "application/json, text/plain, */*"})
PAGE_SIZE = re.compile(r"[1-9][0-9]{0,2}")


class PhoneView(APIView):
    """Says with each answer how much this phone may still ask."""

    throttle_classes = (DeviceThrottle,)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Every answer is JSON: only who asks for something else is read closely."""
        if request.META.get("HTTP_ACCEPT", "*/*") in TAKES_JSON:
            return JSONRenderer(), JSONRenderer.media_type
        return super().perform_content_negotiation(request, force)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        allowance = getattr(getattr(request, "_request", request), "allowance", None)
        if allowance is not None:
            response["RateLimit-Policy"] = allowance.rate.policy
            response["RateLimit"] = allowance.header
        return response


class NewestFirst(CursorPagination):
    ordering = ("-received_at", "-id")
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 500

    def get_page_size(self, request: Request) -> int:
        """A page of another size than the one asked for would be read as the last one."""
        sent = request.query_params.get("limit", str(self.page_size))
        if not PAGE_SIZE.fullmatch(sent) or int(sent) > self.max_page_size:
            detail = f"Send a whole number from 1 to {self.max_page_size}."
            raise invalid(FieldError("/limit", "out_of_range", detail))
        return int(sent)

    def get_paginated_response(self, data: Any) -> Response:
        response = Response({"results": data, "next": self.get_next_link()})
        if self.get_next_link():
            response["Link"] = f'<{self.get_next_link()}>; rel="next"'
        return response


class TodayView(PhoneView):
    @extend_schema(**docs.GET_TODAY)
    def get(self, request: Request) -> Response:
        device, at = device_of(request), timezone.now()
        zone = policies.check_zone(request.query_params.get("zone") or device.trial.patient.zone)
        language = pick_language(
            request.query_params.get("lang", ""),
            accept_language=request.headers.get("Accept-Language", ""),
            stored=device.language or device.trial.patient.language,
        )
        content = today_json(device, asking_of(device, zone=zone, language=language, at=at), at=at)
        tag = tag_of(content)
        if tag in request.headers.get("If-None-Match", ""):
            return Response(status=304, headers={"ETag": tag})
        return Response(
            {"server_time": at.isoformat(), **content},
            headers={"ETag": tag, "Content-Language": language, "Cache-Control": "private, no-cache"},
        )


class EntryView(PhoneView):
    @extend_schema(**docs.PUT_ENTRY)
    def put(self, request: Request, entry_id: str) -> HttpResponse:
        body = parse(EntryBody, request.data)
        (outcome,) = _record_entries(request, [(entry_id, body)])
        return _stored(outcome, show=entry_json)

    @extend_schema(**docs.GET_ENTRY)
    def get(self, request: Request, entry_id: str) -> Response:
        entry = selectors.entry_of(device_of(request), entry_id=entry_id)
        return Response(entry_json(entry), headers={"ETag": f'"{receipt_of(entry.body_sha256)}"'})


class EntriesView(PhoneView):
    @extend_schema(**docs.LIST_ENTRIES)
    def get(self, request: Request) -> Response:
        rows = selectors.recent_entries(device_of(request), at=timezone.now())
        return _page(request, rows, show=entry_json)


class AnswerView(PhoneView):
    @extend_schema(**docs.PUT_ANSWER)
    def put(self, request: Request, answer_id: str) -> HttpResponse:
        body = parse(AnswerBody, request.data)
        (outcome,) = _record_answers(request, [(answer_id, body)])
        trial = device_of(request).trial
        return _stored(outcome, show=lambda answer: answer_json(answer, trial=trial))

    @extend_schema(**docs.GET_ANSWER)
    def get(self, request: Request, answer_id: str) -> Response:
        device = device_of(request)
        answer = selectors.answer_of(device, answer_id=answer_id)
        headers = {"ETag": f'"{receipt_of(answer.body_sha256)}"'}
        return Response(answer_json(answer, trial=device.trial), headers=headers)


class BatchView(PhoneView):
    @extend_schema(**docs.POST_BATCH)
    def post(self, request: Request) -> Response:
        entries, answers = _items(request.data)
        trial = device_of(request).trial
        scores = Sort(BatchEntry, _record_entries, "entry", entry_json)
        others = Sort(BatchAnswer, _record_answers, "answer", lambda row: answer_json(row, trial=trial))
        results = [*_results(entries, scores, request), *_results(answers, others, request)]
        return Response({"results": results}, status=207)


class CorrectionView(PhoneView):
    @extend_schema(**docs.PUT_CORRECTION)
    def put(self, request: Request, correction_id: str) -> Response:
        body = parse(CorrectionBody, request.data)
        found, is_new = request_correction(
            correction_id, body, by=device_of(request), at=timezone.now(), trace=_trace(request)
        )
        return Response(correction_json(found), status=201 if is_new else 200)

    @extend_schema(**docs.GET_CORRECTION)
    def get(self, request: Request, correction_id: str) -> Response:
        return Response(correction_json(correction_of(device_of(request), request_id=correction_id)))


class CorrectionsView(PhoneView):
    @extend_schema(**docs.LIST_CORRECTIONS)
    def get(self, request: Request) -> Response:
        return _page(request, selectors.corrections_of(device_of(request)), show=correction_json)


class ConsentView(PhoneView):
    @extend_schema(**docs.PUT_CONSENT)
    def put(self, request: Request, consent_id: str) -> Response:
        body = parse(ConsentBody, request.data)
        event, is_new = record_consent(
            consent_id, body, by=device_of(request), at=timezone.now(), request_id=_trace(request)
        )
        return Response(consent_json(event), status=201 if is_new else 200)

    @extend_schema(**docs.GET_CONSENT)
    def get(self, request: Request, consent_id: str) -> Response:
        return Response(consent_json(consent_of(device_of(request), event_id=consent_id)))


class DeviceView(PhoneView):
    @extend_schema(**docs.GET_DEVICE)
    def get(self, request: Request) -> Response:
        device = device_of(request)
        return Response(device_json(device), headers={"ETag": etag_of(device)})

    @extend_schema(**docs.PUT_DEVICE)
    def put(self, request: Request) -> Response:
        body = parse(DeviceBody, request.data)
        device = change_device(
            device_of(request),
            body,
            if_match=request.headers.get("If-Match"),
            at=timezone.now(),
            request_id=_trace(request),
        )
        return Response(device_json(device), headers={"ETag": etag_of(device)})

    @extend_schema(**docs.DELETE_DEVICE)
    def delete(self, request: Request) -> Response:
        device = device_of(request)
        by = f"device:{device.pk}"
        revoke_device(device, by=by, at=timezone.now(), reason="left by the patient, on the phone")
        return Response(status=204)


class PairingView(PhoneView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (PairingThrottle,)  # type: ignore[assignment]

    @extend_schema(**docs.POST_PAIRING)
    def post(self, request: Request) -> Response:
        body, at = parse(PairingBody, request.data), timezone.now()
        if body.zone is not None:
            policies.check_zone(body.zone)
        paired = pair_phone(body, at=at)
        content = {
            "token": paired.token,
            "holder": paired.device.holder,
            "trial": trial_json(paired.device.trial),
            "server_time": at.isoformat(),
        }
        return Response(content, status=201 if paired.is_new else 200, headers={"Cache-Control": "no-store"})


def device_of(request: Request) -> PatientDevice:
    return cast(PatientDevice, request.auth)


def _trace(request: Request) -> str:
    return str(request.META.get("REQUEST_ID", ""))


def _record_entries(request: Request, sent: list[tuple[str, EntryBody]]) -> Sequence[Outcome]:
    device = device_of(request)
    outcomes = record_entries(sent, by=device, at=timezone.now(), request_id=_trace(request))
    if any(isinstance(outcome, Taken) and outcome.created for outcome in outcomes):
        evidence_changed.send(sender=PatientDevice, trial_id=device.trial_id)
    return outcomes


def _record_answers(request: Request, sent: list[tuple[str, AnswerBody]]) -> Sequence[AnswerOutcome]:
    device = device_of(request)
    outcomes = record_answers(sent, by=device, at=timezone.now(), request_id=_trace(request))
    new = (one.entry for one in outcomes if isinstance(one, Taken) and one.created)
    if any(answer.question in EVIDENCE for answer in new):
        evidence_changed.send(sender=PatientDevice, trial_id=device.trial_id)
    return outcomes


def _stored(outcome: Any, *, show: Any) -> HttpResponse:
    if isinstance(outcome, Problem):
        raise outcome
    headers = {"ETag": f'"{receipt_of(outcome.entry.body_sha256)}"'}
    status = 201 if outcome.created else 200
    return HttpResponse(as_bytes(show(outcome.entry)), JSON, status=status, headers=headers)


def as_bytes(content: dict[str, Any]) -> bytes:
    """As the renderer writes it, without a template response around it: the most frequent answer of all."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").encode()


def _page(request: Request, rows: QuerySet[Any], *, show: Any) -> Response:
    pages = NewestFirst()
    try:
        found = pages.paginate_queryset(rows, request) or []
    except (NotFound, ValidationError, ValueError):
        detail = "Follow the address in `next`; a cursor is not made by hand."
        raise invalid(FieldError("/cursor", "bad_cursor", detail)) from None
    return pages.get_paginated_response([show(row) for row in found])


def _items(data: Any) -> tuple[list[Any], list[Any]]:
    known = isinstance(data, dict) and data and set(data) <= {"entries", "answers"}
    entries, answers = (data.get("entries", []), data.get("answers", [])) if known else (None, None)
    if not isinstance(entries, list) or not isinstance(answers, list):
        detail = 'Send {"entries": [...], "answers": [...]}, either may be left out, and nothing else.'
        raise invalid(FieldError("/entries", "required", detail))
    if len(entries) + len(answers) > BATCH_LIMIT:
        raise Problem(413, "batch_too_large", f"Send at most {BATCH_LIMIT} answers at once.")
    return entries, answers


@dataclass(frozen=True)
class Sort:
    """One sort of item in a batch: how it is read, stored, named and shown."""

    model: type[BatchEntry] | type[BatchAnswer]
    record: Callable[..., Sequence[Any]]
    name: str
    show: Callable[[Any], dict[str, Any]]


def _results(raw: list[Any], sort: Sort, request: Request) -> list[Mapping[str, Any]]:
    parsed = [_parse_item(sort.model, item) for item in raw]
    sent = [(item.id, item.body()) for item in parsed if not isinstance(item, Problem)]
    outcomes = iter(sort.record(request, sent)) if sent else iter(())
    results = [item if isinstance(item, Problem) else next(outcomes) for item in parsed]
    for outcome in results:
        if isinstance(outcome, Problem):
            log_refusal(outcome, operation=f"{sort.name} of a batch", by=f"device:{device_of(request).pk}")
    return [_result(one, outcome, sort=sort) for one, outcome in zip(raw, results, strict=True)]


def _parse_item(model: Any, item: Any) -> Any:
    try:
        return parse(model, item)
    except Problem as problem:
        return problem


def _result(raw: Any, outcome: Any, *, sort: Sort) -> Mapping[str, Any]:
    sent_id = raw.get("id") if isinstance(raw, dict) else None
    canonical = isinstance(sent_id, str) and CANONICAL_UUID4.fullmatch(sent_id)
    # Anything else is not echoed: it may hold what no answer should carry.
    known = {"id": sent_id if canonical else None}
    if isinstance(outcome, Problem):
        return known | {"status": outcome.status, "problem": outcome.as_json()}
    return known | {"status": 201 if outcome.created else 200, sort.name: sort.show(outcome.entry)}
