"""Who looked at what, and who was refused: written for every page of the staff site."""

from collections.abc import Callable, Collection, Iterable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponseBase

from apps.accounts.emergency import BY_EMERGENCY
from apps.admin import Scoped, actor, now
from apps.audit.services import Event, record_each, record_in
from apps.patients.models import PatientIdentity
from apps.workspace.emergency import open_in

Page = Callable[..., HttpResponseBase]
LOOK, REFUSED = "look", "refused"
WORKLIST = "worklist"
#: People and clinics: no patient is on their pages.
NOT_PATIENTS = frozenset({"accounts"})


def looked_at(page: Page, *, site: Any) -> Page:
    """``page``, leaving an event for each look at rows of a clinic, and for each refusal."""

    @wraps(page)
    def watched(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = page(request, *args, **kwargs)
        except (PermissionDenied, Http404) as refusal:
            _record_refusal(request, refusal)
            raise
        if request.method == "GET" and response.status_code == 200:
            _record_looks(request, getattr(response, "context_data", None) or {}, site=site)
        return response

    return watched


def _record_refusal(request: HttpRequest, refusal: Exception) -> None:
    """An address that means nothing is no attempt at anything; a row that is not there for them may be."""
    match = request.resolver_match
    asked = next(iter(match.kwargs.values()), "") if match else ""
    if match and (asked or not isinstance(refusal, Http404)):
        route = str(match.url_name)[:40]
        _write(request, action=REFUSED, of=route, object_id=str(asked)[:64], clinics=[None])


def _record_looks(request: HttpRequest, context: dict[str, Any], *, site: Any) -> None:
    seen = next((context[name] for name in ("original", "object", "trial") if context.get(name)), None)
    if isinstance(seen, Model):
        _record_look_at_row(request, seen, site=site)
    elif "cl" in context:
        _record_look_at_list(request, context["cl"])
    elif context.get("tables"):
        clinics = site.access(request).own.clinics("view", resource="trials.stimulationtrial")
        _write(request, action=LOOK, of=WORKLIST, object_id="", clinics=sorted(clinics))
        _record_names(request, context.get("named") or ())


def _record_names(request: HttpRequest, people: Iterable[PatientIdentity]) -> None:
    """Whose name and number the worklist told, each as on the page of that patient."""
    seen = [(who.patient.clinic_id, who.patient_id) for who in people]
    if seen:
        told = {"by": actor(request), "at": now(), "request_id": request.META.get("REQUEST_ID", "")}
        record_each(seen, action=LOOK, object_type="patient", **told)


def _record_look_at_row(request: HttpRequest, row: Model, *, site: Any) -> None:
    page = site._registry.get(type(row))
    if isinstance(page, Scoped) and page.opts.app_label not in NOT_PATIENTS:
        clinic = page.clinic_of(row)
        _write(request, action=LOOK, of=row._meta.model_name or "", object_id=row.pk, clinics=[clinic])


def _record_look_at_list(request: HttpRequest, rows: Any) -> None:
    """One event a clinic that the list may show. What was searched for may be a name: it is not kept."""
    page = rows.model_admin
    if page.opts.app_label in NOT_PATIENTS:
        return
    clinics = page.access(request).clinics("view", resource=page.resource)
    detail = {"rows": rows.result_count}
    of = page.opts.model_name or ""
    _write(request, action=LOOK, of=of, object_id="", clinics=sorted(clinics), detail=detail)


def _write(
    request: HttpRequest,
    *,
    action: str,
    of: str,
    object_id: object,
    clinics: Collection[int | None],
    detail: dict[str, Any] | None = None,
) -> None:
    event: Event = {
        "action": action,
        "object_type": of,
        "object_id": object_id,
        "by": actor(request),
        "at": now(),
        "request_id": request.META.get("REQUEST_ID", ""),
        "detail": detail or {},
    }
    opened = open_in(request)
    looked_into = frozenset() if opened is None else frozenset({opened.clinic_id})
    record_in([clinic for clinic in clinics if clinic not in looked_into], **event)
    if opened is not None:
        event["detail"] = event["detail"] | {BY_EMERGENCY: opened.pk}
        record_in(looked_into.intersection(clinics), **event)
