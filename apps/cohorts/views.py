"""Snapshots on the staff site: make one, open it, take its files, compare it with another."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods

from apps.admin import actor, now
from apps.cohorts import comparing, downloads
from apps.cohorts.forms import SnapshotForm, prefilled
from apps.cohorts.models import Snapshot
from apps.cohorts.question import BadQuestion, read_question
from apps.cohorts.selectors import SNAPSHOT, open_snapshots
from apps.cohorts.services import Asker, NoSnapshot, make_snapshot, trace_download
from apps.workspace.permissions import Access, access_of
from sctrial.deidentify_tables import Form
from sctrial.dictionary import read_cdisc, read_dictionary

SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
def snapshots(request: HttpRequest) -> HttpResponse:
    access = _access(request)
    initial, refused = prefilled(request.META.get("QUERY_STRING", ""))
    form = SnapshotForm(request.POST if request.method == "POST" else None, access=access, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = _make(request, form, access)
        if made is not None:
            messages.success(request, f"{made} is kept. The same question on the same data gives it again.")
            return redirect("cohorts:snapshot", made.pk)
    kept = open_snapshots(access).prefetch_related("clinics")
    context = {
        "title": "Snapshots",
        "form": form,
        "refused": refused,
        "kept": kept[:SHOWN],
        "count": kept.count(),
        "shown": SHOWN,
    }
    return _page(request, "cohorts/snapshots.html", context, status=422 if form.errors or refused else 200)


def _make(request: HttpRequest, form: SnapshotForm, access: Access) -> Snapshot | None:
    question = form.read_question()
    if question is None:
        return None
    data = form.cleaned_data
    try:
        return make_snapshot(
            question,
            asker=_asker(request, access),
            form=Form(data["form"]),
            reason=data.get("reason", ""),
        )
    except BadQuestion as bad:
        form.refuse(bad)
    except NoSnapshot as none:
        form.add_error(None, str(none))
    return None


@require_GET
def snapshot(request: HttpRequest, snapshot_id: str) -> HttpResponse:
    access = _access(request)
    found = _open(access, snapshot_id)
    others = open_snapshots(access).filter(form=found.form).exclude(pk=found.pk)
    context = {
        "title": f"Snapshot {found}",
        "snapshot": found,
        "question": read_question(found.question).words,
        "parts": [{"name": name, **found.manifest["tables"][name]} for name in read_dictionary()],
        "views": read_cdisc().values(),
        "of_table": downloads.OF_TABLE,
        "of_all": downloads.OF_ALL,
        "others": others[:SHOWN],
    }
    return _page(request, "cohorts/snapshot.html", context)


@require_GET
def download(request: HttpRequest, snapshot_id: str, name: str, ending: str) -> HttpResponseBase:
    access = _access(request)
    found = _open(access, snapshot_id)
    if not downloads.is_file(found, name, ending):
        raise Http404
    try:
        pieces = downloads.write_file(found, name, ending)
    except downloads.CannotWrite as error:
        messages.error(request, f"No file was made: {error}.")
        return redirect("cohorts:snapshot", found.pk)
    trace_download(found, asker=_asker(request, access), table=name, kind=ending)
    response = StreamingHttpResponse(pieces, content_type=downloads.media_of(ending))
    response["Content-Disposition"] = f'attachment; filename="{found.pk}-{name}.{ending}"'
    return response


@require_GET
def compare(request: HttpRequest, snapshot_id: str) -> HttpResponse:
    access = _access(request)
    one = _open(access, snapshot_id)
    other = open_snapshots(access).filter(pk=request.GET.get("with", ""), form=one.form).first()
    if other is None:
        messages.error(request, "Choose another snapshot in the same form to compare with.")
        return redirect("cohorts:snapshot", one.pk)
    earlier, later = sorted((one, other), key=lambda row: row.made_at)
    difference = comparing.compare(earlier, later)
    context = {
        "title": "What changed",
        "earlier": earlier,
        "later": later,
        "difference": difference,
        "changed": difference.changed[:SHOWN],
        "shown": SHOWN,
    }
    return _page(request, "cohorts/compare.html", context)


def _access(request: HttpRequest) -> Access:
    access = access_of(request)
    if not access.may("view", resource=SNAPSHOT):
        raise PermissionDenied
    return access


def _asker(request: HttpRequest, access: Access) -> Asker:
    return Asker(actor(request), access, now(), request.META.get("REQUEST_ID", ""))


def _open(access: Access, snapshot_id: str) -> Snapshot:
    """What is not open to this person does not exist for them."""
    found = open_snapshots(access).filter(pk=snapshot_id).first()
    if found is None:
        raise Http404
    return found


def _page(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> TemplateResponse:
    return TemplateResponse(request, template, admin.site.each_context(request) | context, status=status)
