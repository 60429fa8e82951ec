"""Import a diary file with four eyes: one person proposes it, a second one commits or refuses it."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Case, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.models import Clinic
from apps.admin import ReadOnlyAdmin, now
from apps.audit.services import record
from apps.diary.committing import (
    CannotClose,
    Hand,
    commit_proposal,
    refuse_proposal,
    why_not_decided,
    why_not_withdrawn,
    withdraw_proposal,
)
from apps.diary.models import ImportProposal
from apps.diary.proposing import CannotPropose, Report, foretell, propose_import
from apps.workspace.emergency_review import sentence
from apps.workspace.import_forms import LIMITS, ProposalForm, WordsForm
from apps.workspace.import_page import FILE, imports_listed, report_told
from apps.workspace.permissions import access_of
from apps.workspace.rights import Act

PAGE: Final = "admin:diary_importproposal_change"
#: What is closed with words: its name in an address, and what does it.
WITH_WORDS: Final[dict[str, Callable[..., None]]] = {
    "refuse": refuse_proposal,
    "withdraw": withdraw_proposal,
}
WHY_NOT: Final = {"refuse": why_not_decided, "withdraw": why_not_withdrawn}


class ImportProposalAdmin(ReadOnlyAdmin):
    """A list, a page to propose on, and a page for each file, which ends by an act below and no other way."""

    change_list_template = "workspace/imports.html"
    list_select_related = ("clinic", "proposed_by", "closed_by")
    search_fields = ("file_name", "source")
    list_display = ("file_name",)
    #: Those that wait first.
    ordering = (Case(When(outcome="", then=Value(0)), default=Value(1)), "-proposed_at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportProposal]:
        return super().get_queryset(request).defer("file", "mapping")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may("add", request)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/commit/", wrap(require_POST(self.commit)), name="import_commit"),
            path("<int:pk>/file/", wrap(require_safe(self.file)), name="import_file"),
            *(
                path(f"<int:pk>/{act}/", wrap(require_POST(self.close)), {"act": act}, name=f"import_{act}")
                for act in WITH_WORDS
            ),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        own = imports_listed(access_of(request)) | {"may_propose": self.has_add_permission(request)}
        return super().changelist_view(request, own | (extra_context or {}))

    # --- propose ---

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        clinics = access_of(request).clinics(Act.ADD, resource=self.resource)
        if not clinics:
            raise PermissionDenied
        asked = Clinic.objects.filter(pk__in=clinics).order_by("name")
        sent = (request.POST, request.FILES) if request.method == "POST" else ()
        form = ProposalForm(*sent, clinics=asked)
        if not form.is_valid():
            status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
            return self._proposing(request, form, status=status)
        return self._propose(request, form)

    def _propose(self, request: HttpRequest, form: ProposalForm) -> HttpResponse:
        said, hand = form.cleaned_data, hand_of(request)
        try:
            row = propose_import(
                form.given(),
                clinic=said["clinic"],
                source=said["source"],
                by=hand.by,
                at=hand.at,
                request_id=hand.request_id,
            )
        except CannotPropose as refusal:
            shown = {"refusal": str(refusal), "report": told_or_none(refusal.report)}
            return self._proposing(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY, **shown)
        messages.success(request, _("Proposed. Another coordinator or site admin of the clinic commits it."))
        return redirect(PAGE, row.pk)

    def _proposing(
        self, request: HttpRequest, form: ProposalForm, *, status: int, **shown: Any
    ) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "title": _("Import a diary file"),
            "form": form,
            "limits": LIMITS,
        }
        return TemplateResponse(request, "workspace/propose_import.html", context | shown, status=status)

    # --- one proposal ---

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if request.method == "POST" or not self.has_view_permission(request, row):
            raise PermissionDenied
        if row is None:
            raise Http404
        return self._shown(request, row)

    def commit(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self._deciding(request, pk)
        try:
            made = commit_proposal(row, shown=request.POST.get("shown", ""), hand=hand_of(request))
        except CannotClose as refusal:
            return self._refused(request, row, refusal)
        messages.success(request, _("Imported: the rows stand in the diary."))
        return redirect(PAGE, made.proposal.pk)

    def close(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        row = self._deciding(request, pk)
        why_not = WHY_NOT[act](row, by=hand_of(request).by)
        if why_not:
            return self._refused(request, row, CannotClose(why_not))
        form = WordsForm(request.POST, prefix=act)
        if not form.is_valid():
            return self._shown(request, row, status=HTTPStatus.UNPROCESSABLE_ENTITY, forms={act: form})
        try:
            WITH_WORDS[act](row, words=form.cleaned_data["words"], hand=hand_of(request))
        except CannotClose as refusal:
            return self._refused(request, row, refusal)
        messages.success(request, _("Closed. Nothing was imported."))
        return redirect(PAGE, row.pk)

    def file(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The bytes as they came, and never to be opened by the browser itself."""
        row = self.get_object(request, str(pk))
        if row is None:
            raise Http404
        if not access_of(request).may(Act.VIEW, resource=FILE, clinic=row.clinic_id):
            raise PermissionDenied
        self._tell_taken_away(request, row)
        answer = HttpResponse(bytes(row.file), content_type="application/octet-stream")
        answer["Content-Disposition"] = f'attachment; filename="import-{row.pk}.csv"'
        return answer

    def _tell_taken_away(self, request: HttpRequest, row: ImportProposal) -> None:
        hand = hand_of(request)
        record(
            action="download",
            object_type="importproposal",
            object_id=row.pk,
            by=f"staff:{hand.by.pk}",
            at=hand.at,
            clinic_id=row.clinic_id,
            request_id=hand.request_id,
            detail={"file_sha256": row.file_sha256},
        )

    def _deciding(self, request: HttpRequest, pk: int) -> ImportProposal:
        row: ImportProposal | None = self.get_object(request, str(pk))
        if row is None:
            raise Http404
        if not self.may(Act.CHANGE, request, row):
            raise PermissionDenied
        return row

    def _refused(self, request: HttpRequest, row: ImportProposal, refusal: CannotClose) -> HttpResponse:
        row.refresh_from_db()
        return self._shown(request, row, status=HTTPStatus.CONFLICT, refusal=sentence(refusal))

    def _shown(
        self,
        request: HttpRequest,
        row: ImportProposal,
        *,
        status: int = HTTPStatus.OK,
        refusal: str = "",
        forms: dict[str, WordsForm] | None = None,
    ) -> HttpResponse:
        may_change = self.may(Act.CHANGE, request, row)
        context = self.admin_site.each_context(request) | {
            "title": str(row),
            "original": row,
            "row": row,
            "refusal": refusal,
            "may_change": may_change,
            "may_take": access_of(request).may(Act.VIEW, resource=FILE, clinic=row.clinic_id),
            "forms": {act: WordsForm(prefix=act) for act in WITH_WORDS} | (forms or {}),
        }
        context |= self._foretold(request, row) if may_change and row.is_open else kept_report(row)
        return TemplateResponse(request, "workspace/import.html", context, status=status)

    def _foretold(self, request: HttpRequest, row: ImportProposal) -> dict[str, Any]:
        """Made anew: the diary may have moved on since the file was proposed."""
        hand = hand_of(request)
        now_does = foretell(row, by=hand.by, at=hand.at)
        why_not = why_not_decided(row, by=hand.by)
        return {
            "report": told_or_none(now_does.report),
            "why_not_now": now_does.why_not,
            "shown": now_does.digest,
            "why_not": sentence(why_not) if why_not else "",
            "is_own": row.proposed_by_id == hand.by.pk,
        }


def kept_report(row: ImportProposal) -> dict[str, Any]:
    """Of an import, what it did; else what it would have done when it was proposed."""
    made = row.diary_import
    return {"report": report_told(row.report if made is None else made.report), "is_kept": True}


def told_or_none(report: Report | None) -> Any:
    return None if report is None else report_told(report)


def hand_of(request: HttpRequest) -> Hand:
    user: Any = request.user
    return Hand(user, now(), str(request.META.get("REQUEST_ID", "")))
