"""The clinics' own rule sets."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from apps.accounts.models import User
from apps.admin import StaffAdmin, now
from apps.trials.models import ClinicRuleSet
from apps.trials.policies import CannotApprove, CannotPropose, check_approval, check_proposal
from apps.trials.services import approve_rule_set, propose_rule_set

RULE_SET_PAGE = "admin:trials_clinicruleset_change"


class RuleSetForm(forms.ModelForm):
    class Meta:
        model = ClinicRuleSet
        fields = ("clinic", "content")
        help_texts = {
            "content": "In the form of the files in sctrial/rulesets, with an id of its own. "
            "Nothing is judged with it before a second person approves it.",
        }
        widgets = {"content": forms.Textarea(attrs={"rows": 30, "cols": 100, "spellcheck": "false"})}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("clinic") and data.get("content"):
            try:
                check_proposal(data["clinic"], text=data["content"])
            except CannotPropose as refused:
                self.add_error("content", str(refused))
        return data


@admin.register(ClinicRuleSet)
class ClinicRuleSetAdmin(StaffAdmin):
    """Added, read and approved; never edited."""

    form = RuleSetForm
    change_form_template = "workspace/own_rule_set.html"
    list_display = ("rule_id", "version", "state", "clinic", "proposed_by", "approved_by")
    list_filter = (("clinic", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("clinic", "proposed_by", "approved_by")
    search_fields = ("rule_id",)
    fields = (
        "clinic",
        ("rule_id", "version", "state"),
        ("proposed_by", "proposed_at"),
        ("approved_by", "approved_at"),
        "digest",
        "text",
    )
    readonly_fields = ("state", "text")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("clinic", "content") if obj is None else self.fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # To change one is to approve it.
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "clinic":
            clinics = self.access(request).clinics("add", resource=self.resource)
            offered: QuerySet[Any] = db_field.remote_field.model.objects.filter(pk__in=clinics)
            kwargs |= {"queryset": offered, "initial": offered.first()}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="State")
    def state(self, row: ClinicRuleSet) -> str:
        return "approved" if row.approved_at else "proposed"

    @admin.display(description="Rule set, as TOML")
    def text(self, row: ClinicRuleSet) -> SafeString:
        return format_html("<pre>{}</pre>", row.content)

    def save_model(self, request: HttpRequest, obj: ClinicRuleSet, form: Any, change: bool) -> None:
        kept = propose_rule_set(
            clinic=obj.clinic,
            text=obj.content,
            by=staff(request),
            at=now(),
            request_id=request.META.get("REQUEST_ID", ""),
        )
        # Django reports on the row of the form.
        obj.pk = kept.pk
        obj.refresh_from_db()

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        plain = {"show_save_and_add_another": False, "show_save_and_continue": False}
        try:
            return super().changeform_view(request, object_id, form_url, plain | (extra_context or {}))
        except CannotPropose as refused:
            # The same version was proposed between the form's check and the write.
            self.message_user(request, f"Nothing was saved: {refused}", messages.ERROR)
            return redirect(request.path)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        row = kwargs.get("obj")
        if row is not None:
            context |= {"title": str(row), "subtitle": str(row.clinic), "row": row}
            context["why_not"] = why_not(row, by=staff(request))
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        approve = path("<int:pk>/approve/", wrap(require_POST(self.approve)), name="approve_rule_set")
        return [approve, *super().get_urls()]

    def approve(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.get_object(request, str(pk))
        if row is None:
            raise Http404
        if not self.may("change", request, row):
            raise PermissionDenied
        try:
            request_id = request.META.get("REQUEST_ID", "")
            approve_rule_set(row, by=staff(request), at=now(), request_id=request_id)
        except CannotApprove as refused:
            self.message_user(request, f"Not approved: {refused}.", messages.ERROR)
        else:
            words = f"{row} is approved. The trials of {row.clinic} are judged with it within seconds."
            self.message_user(request, words, messages.SUCCESS)
        return redirect(RULE_SET_PAGE, pk)


def why_not(row: ClinicRuleSet, *, by: User) -> str:
    """Why this person cannot approve; empty when they can."""
    try:
        check_approval(row, by=by)
    except CannotApprove as refused:
        return str(refused)
    return ""


def staff(request: HttpRequest) -> User:
    # admin_view lets nobody else through.
    return cast(User, request.user)
