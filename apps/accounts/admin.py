"""People and clinics, kept by the system admin; none of these pages shows a clinical row."""

from typing import Any, ClassVar, Final
from zoneinfo import available_timezones

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse

from apps.accounts.emergency import End, end_all
from apps.accounts.ending import Why, end_access
from apps.accounts.models import (
    FORMER,
    MEMBERSHIPS,
    Clinic,
    EmergencyAccess,
    Role,
    StaffMembership,
    User,
)
from apps.admin import StaffAdmin, actor, now

# Rights come from memberships alone; a group would be a second, silent source of them.
admin.site.unregister(Group)
# A factor is made by its owner alone, and nobody reads one.
admin.site.unregister([EmailAddress, Authenticator])

#: Names that zoneinfo can load and that are no place.
NOT_A_PLACE = frozenset({"Factory", "localtime", "posixrules"})
#: What of a person's account lets them in.
LETS_IN = {"is_active", "is_staff", "is_superuser"}


OTHER_ROLES: Final = (
    "A site admin of the clinic gives the other roles, on the page People of the clinic. Make somebody site "
    "admin here, or end that role."
)
#: What of a clinic is the operator's alone.
OF_THE_OPERATOR = ("name", "emergency_access")


class KeptByTheOperator(StaffAdmin):
    """Whoever else has a right to these rows has a page of their own for it (docs/adr/0030)."""

    def by_the_operator(self, act: str, request: HttpRequest) -> bool:
        return self.access(request).everywhere(act, resource=self.resource)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.by_the_operator("add", request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.by_the_operator("change", request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.by_the_operator("view", request)


class ClinicForm(ModelForm):
    def clean_zone(self) -> str:
        zone: str = self.cleaned_data["zone"]
        if zone not in available_timezones() - NOT_A_PLACE:
            raise ValidationError(f"{zone} is no time zone. Write an IANA name, such as Europe/Berlin.")
        return zone


@admin.register(Clinic)
class ClinicAdmin(StaffAdmin):
    form = ClinicForm
    clinic_path = "id"
    list_display = ("name", "zone", "phone", "emergency_phone", "alert_email", "emergency_access")
    fields = ("name", "zone", "phone", "emergency_phone", "alert_email", "emergency_access")
    search_fields = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        is_operator = self.access(request).everywhere("change", resource=self.resource)
        return () if is_operator else OF_THE_OPERATOR

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and not obj.emergency_access:
            opened = EmergencyAccess.objects.filter(clinic=obj)
            end_all(opened, why=End.SWITCHED_OFF, by=actor(request), at=now())


class SiteAdminForm(ModelForm):
    """The one role that the operator gives, and takes from who has it; PostgreSQL holds it too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # None where the page only shows the row.
        if "role" in self.fields:
            ends = self.instance.role in (Role.SITE_ADMIN, FORMER)
            given = [Role.SITE_ADMIN, FORMER] if ends else [Role.SITE_ADMIN]
            self.fields["role"].choices = [("", "---------"), *((role, MEMBERSHIPS[role]) for role in given)]  # type: ignore[attr-defined]
            self.fields["role"].help_text = OTHER_ROLES
            self.fields["role"].error_messages["invalid_choice"] = OTHER_ROLES

    class Meta:
        model = StaffMembership
        fields = ("user", "clinic", "role")


@admin.register(StaffMembership)
class StaffMembershipAdmin(KeptByTheOperator):
    form = SiteAdminForm
    list_display = ("user", "role", "clinic")
    list_filter = ("role", ("clinic", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user", "clinic")
    search_fields = ("user__username",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Moved to somebody else, a row would give that person its role.
        return ("user", "clinic") if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        """Whatever role is changed, the one before is lost."""
        super().save_model(request, obj, form, change)
        if change and form.changed_data:
            end_access(obj.user, why=Why.ROLE, by=actor(request), at=now())


@admin.register(User)
class StaffUserAdmin(KeptByTheOperator, UserAdmin):
    clinic_path = "memberships__clinic_id"
    list_display = ("username", "first_name", "last_name", "is_active", "is_superuser")
    list_filter = ("is_active", "is_superuser")
    filter_horizontal: ClassVar[tuple[str, ...]] = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser", "last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def clinic_of(self, obj: Model) -> int | None:
        return None

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and any(not getattr(obj, name) for name in LETS_IN.intersection(form.changed_data)):
            end_access(obj, why=Why.INACTIVE, by=actor(request), at=now())

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            end_access(User.objects.get(pk=id), why=Why.RENEWED, by=actor(request), at=now())
        return response
