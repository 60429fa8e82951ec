"""How staff see rows: by clinic, by role, and never to delete them.

Each app's ``admin.py`` builds on these classes. Who may do what is not known here: the site is asked,
so that an app at the bottom needs no import from one at the top.
"""

from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus
from typing import Any, ClassVar, Final, NoReturn, Protocol, cast

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import unquote
from django.db.models import DateField, Model, QuerySet
from django.forms import BaseInlineFormSet, DateInput, ModelForm
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.text import capfirst

from apps.audit.history import Line, lines_of
from apps.audit.services import record
from apps.drawn import NAME, Meanwhile, Shown, changed_since, drawn, stamp_of

TRAIL: Final = "audit.auditevent"
ISO_DAY: Final = "%Y-%m-%d"


class StaffAccess(Protocol):
    """What ``apps.workspace.permissions.Access`` answers."""

    def clinics(self, act: str, *, resource: str) -> frozenset[int]: ...
    def everywhere(self, act: str, *, resource: str) -> bool: ...
    def may(self, act: str, *, resource: str, clinic: int | None = None) -> bool: ...


class StaffSite(Protocol):
    def access(self, request: HttpRequest) -> StaffAccess: ...
    def told(self, lines: Iterable[Line], *, clinic: int | None) -> list[Line]: ...


class Scoped(BaseModelAdmin):
    """Rows of clinics where the role allows it; all others answer as if they did not exist."""

    #: Lookup from a row to the id of its clinic, such as ``trial__clinic_id``.
    clinic_path: ClassVar[str] = "clinic_id"
    # The browser's own calendar, which sends the year first: 11/10 is two days, by who reads it.
    formfield_overrides: ClassVar[dict[Any, Any]] = {
        DateField: {
            "widget": DateInput(attrs={"type": "date", "class": "vDateField"}, format=ISO_DAY),
            "input_formats": [ISO_DAY],
        }
    }

    @property
    def resource(self) -> str:
        return self.opts.label_lower

    def access(self, request: HttpRequest) -> StaffAccess:
        return cast(StaffSite, self.admin_site).access(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        access = self.access(request)
        if access.everywhere("view", resource=self.resource):
            return rows
        # The lookup name comes from the source, never from a request.
        return rows.filter(**{f"{self.clinic_path}__in": access.clinics("view", resource=self.resource)})

    def may(self, act: str, request: HttpRequest, obj: Model | None = None) -> bool:
        clinic = None if obj is None else self.clinic_of(obj)
        return self.access(request).may(act, resource=self.resource, clinic=clinic)

    def clinic_of(self, obj: Model) -> int | None:
        found: Any = obj
        for name in self.clinic_path.split("__"):
            found = getattr(found, name)
        return cast("int | None", found)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may("view", request, obj) or self.may("change", request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may("change", request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StaffAdmin(Scoped, admin.ModelAdmin):
    """A list and a page for one model."""

    actions = None
    list_per_page = 50
    show_full_result_count = False
    view_on_site = False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may("add", request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may("view", request)

    def _get_obj_does_not_exist_redirect(self, *args: Any) -> NoReturn:
        # Django sends unknown ids to the index with a message; a foreign row must look the same, and a
        # plain "not found" is the answer with the least to read between the lines.
        raise Http404

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        obj = self.get_object(request, unquote(object_id))
        own = {"lines": [] if obj is None else self.kept_values(request, obj)}
        return super().history_view(request, object_id, own | (extra_context or {}))

    def kept_values(self, request: HttpRequest, obj: Model) -> list[Line]:
        """Of the row and of those that its page shows below it, for whoever may read the trail."""
        clinic = self.clinic_of(obj)
        if not self.access(request).may("view", resource=TRAIL, clinic=clinic):
            return []
        below = [inline for inline in self.get_inline_instances(request, obj) if isinstance(inline, Scoped)]
        rows = [self._below(inline.get_formset(request, obj), obj) for inline in below]
        lines = lines_of([(type(obj), [obj.pk]), *rows])
        return cast(StaffSite, self.admin_site).told(lines, clinic=clinic)

    def _below(self, formset: Any, obj: Model) -> tuple[type[Model], list[object]]:
        rows = formset.model._default_manager.filter(**{formset.fk.name: obj})
        return formset.model, list(rows.values_list("pk", flat=True))

    # --- what a page was drawn from ---

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        if obj is None:
            return form
        return drawn(form, look=lambda stamp: self.meanwhile(request, obj, form, stamp))

    def meanwhile(self, request: HttpRequest, obj: Model, form: Any, stamp: str) -> Meanwhile | None:
        """Of two who save at once the second waits here, and sees what the first one wrote."""
        stored = self.model._default_manager.select_for_update(no_key=True).get(pk=obj.pk)
        below = [
            Shown(row, formset.form.base_fields)
            for formset, _ in self.get_formsets_with_inlines(request, obj)
            for row in formset.model._default_manager.filter(**{formset.fk.name: obj})
        ]
        return changed_since(stamp, rows=[Shown(stored, form.base_fields), *below], at=now())

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        obj, form = kwargs.get("obj"), context["adminform"].form
        if obj is None or not self.has_change_permission(request, obj):
            return super().render_change_form(request, context, *args, **kwargs)
        found: Meanwhile | None = getattr(form, "meanwhile", None)
        if form.is_bound:
            context[NAME] = form.data.get(NAME, "") if found is None else found.stamp
        else:
            sets = [inline.formset for inline in context["inline_admin_formsets"]]
            rows = [Shown(one.instance, one.base_fields) for each in sets for one in each.initial_forms]
            context[NAME] = stamp_of([Shown(form.instance, form.base_fields), *rows], at=now())
        if found is None:
            return super().render_change_form(request, context, *args, **kwargs)
        context |= {"meanwhile": found.lines, "meanwhile_by": found.by}
        response = super().render_change_form(request, context, *args, **kwargs)
        response.status_code = HTTPStatus.CONFLICT
        return response

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        obj.save()
        self.audit(request, obj, action="change" if change else "create", fields=form.changed_data)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.save()
        for obj in formset.new_objects:
            self.audit(request, obj, action="create", parent=form.instance)
        for obj, fields in formset.changed_objects:
            self.audit(request, obj, action="change", fields=fields, parent=form.instance)

    def audit(
        self,
        request: HttpRequest,
        obj: Model,
        *,
        action: str,
        fields: Iterable[str] = (),
        parent: Model | None = None,
    ) -> None:
        """The trail holds which fields changed, never their values."""
        record(
            action=action,
            object_type=obj._meta.model_name or "",
            object_id=obj.pk,
            by=actor(request),
            at=now(),
            clinic_id=self.clinic_of(parent or obj),
            request_id=request.META.get("REQUEST_ID", ""),
            detail={"fields": sorted(fields)},
        )


class ReadOnlyAdmin(StaffAdmin):
    """Facts that are only ever added by the service itself."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LabelledFormSet(BaseInlineFormSet):
    """In a table the column heads are no labels to a screen reader: each box gets its own."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for name, field in form.fields.items():
            row = "new row" if index is None else f"row {index + 1}"
            label = field.label or name.replace("_", " ").capitalize()
            field.widget.attrs.setdefault("aria-label", f"{label}, {row}")


class StaffInline(Scoped, admin.TabularInline):
    """Rows shown with their parent; the parent's clinic is theirs."""

    extra = 0
    can_delete = False
    formset = LabelledFormSet
    #: Lookup from the parent to the id of the clinic.
    parent_path: ClassVar[str] = "clinic_id"

    def clinic_of(self, obj: Model) -> int | None:
        # Django hands inlines the parent object.
        return cast("int | None", getattr(obj, self.parent_path))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may("add", request, obj)


def actor(request: HttpRequest) -> str:
    return f"staff:{request.user.pk}"


def now() -> datetime:
    return timezone.now()
