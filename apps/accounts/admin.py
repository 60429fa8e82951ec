"""People and clinics, kept by the system admin; none of these pages shows a clinical row."""

from typing import ClassVar

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import Model

from apps.accounts.models import Clinic, StaffMembership, User
from apps.admin import StaffAdmin

# Rights come from memberships alone; a group would be a second, silent source of them.
admin.site.unregister(Group)
# A factor is made by its owner alone, and nobody reads one.
admin.site.unregister([EmailAddress, Authenticator])


@admin.register(Clinic)
class ClinicAdmin(StaffAdmin):
    clinic_path = "id"
    list_display = ("name", "zone", "phone", "emergency_phone", "alert_email")
    fields = ("name", "zone", "phone", "emergency_phone", "alert_email")
    search_fields = ("name",)


@admin.register(StaffMembership)
class StaffMembershipAdmin(StaffAdmin):
    list_display = ("user", "role", "clinic")
    list_filter = ("role", ("clinic", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user", "clinic")
    search_fields = ("user__username",)


@admin.register(User)
class StaffUserAdmin(StaffAdmin, UserAdmin):
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
