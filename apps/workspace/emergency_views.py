"""Open the records of another clinic in an emergency, and end it."""

from http import HTTPStatus
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.emergency import NoEmergency, open_emergency, open_to
from apps.accounts.factors import LockedOut, NoFactor, WrongCredentials, has_factor, reauthenticate
from apps.accounts.models import EMERGENCY_FOR, EMERGENCY_REASONS, Clinic, EmergencyAccess, Role
from apps.admin import now
from apps.audit.reasons import LONGEST
from apps.diary.channels import Message
from apps.workspace.emergency import begin_in, end_own, open_elsewhere
from apps.workspace.emergency_review import RESOURCE, listed_for, readable, sentence
from apps.workspace.permissions import Access, access_of
from apps.workspace.proving import ProofForm, presented_in
from apps.workspace.rights import Act
from apps.workspace.sign_views import LOCKED
from apps.workspace.telling import tell_of_tries, tell_site_admins

PAGE: Final = "admin:emergency"
TEMPLATE: Final = "workspace/emergency.html"
MINUTES: Final = EMERGENCY_FOR.seconds // 60


class OpenForm(ProofForm):
    clinic = forms.ChoiceField(label="Clinic")
    reason_code = forms.ChoiceField(label="Why", choices=[("", "---------"), *EMERGENCY_REASONS.items()])
    reason = forms.CharField(
        label="In words",
        max_length=LONGEST,
        validators=[readable],
        help_text="It stays in the trail of both clinics for good: do not name the patient.",
    )
    field_order = ("clinic", "reason_code", "reason", "password", "code", "passkey")

    def __init__(self, data: Any = None, *, clinics: list[Clinic]) -> None:
        super().__init__(data)
        named: Any = self.fields["clinic"]
        named.choices = [("", "---------"), *((str(one.pk), one.name) for one in clinics)]


def may_open_page(access: Access) -> bool:
    return any(access.may(act, resource=RESOURCE) for act in (Act.ADD, Act.VIEW))


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password", "code", "passkey")
def page(request: HttpRequest) -> HttpResponse:
    if not may_open_page(access_of(request)):
        raise PermissionDenied
    if request.method != "POST":
        return _shown(request, OpenForm(clinics=_clinics(request)))
    if not _may_ask(request):
        raise PermissionDenied
    form = OpenForm(request.POST, clinics=_clinics(request))
    if not form.is_valid():
        return _shown(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _open(request, form)


def _may_ask(request: HttpRequest) -> bool:
    access = access_of(request)
    return access.may(Act.ADD, resource=RESOURCE) and not access.is_system


def _clinics(request: HttpRequest) -> list[Clinic]:
    user: Any = request.user
    return list(open_to(user))


def _open(request: HttpRequest, form: OpenForm) -> HttpResponse:
    """Proven first: a wrong try is kept, whatever else is wrong."""
    user: Any = request.user
    said, at = form.cleaned_data, now()
    try:
        given = said | {"username": user.get_username()}
        reauthenticate(user, given, full=True, at=at, passkey=presented_in(request))
        opened = open_emergency(
            user,
            int(said["clinic"]),
            reason_code=said["reason_code"],
            reason=said["reason"],
            at=at,
            request_id=str(request.META.get("REQUEST_ID", "")),
        )
    except WrongCredentials as refusal:
        return _not_proven(request, form, refusal)
    except NoEmergency as refusal:
        form.add_error(refusal.field or None, sentence(refusal))
        return _shown(request, form, status=HTTPStatus.CONFLICT)
    begin_in(request, opened)
    _tell(opened)
    return redirect(PAGE)


def _not_proven(request: HttpRequest, form: OpenForm, refusal: WrongCredentials) -> HttpResponse:
    tell_of_tries(request.user, refusal)
    if isinstance(refusal, LockedOut) and refusal.is_new:
        for clinic in _own_clinics(request.user):
            tell_site_admins(clinic, LOCKED)
    words = _("Set up a second factor before you open anything.")
    form.add_error(None, words if isinstance(refusal, NoFactor) else str(refusal))
    is_locked = isinstance(refusal, LockedOut)
    return _shown(request, form, status=HTTPStatus.TOO_MANY_REQUESTS if is_locked else HTTPStatus.FORBIDDEN)


def _own_clinics(user: Any) -> list[Clinic]:
    return list(Clinic.objects.filter(memberships__user=user, memberships__role__in=list(Role)))


def _tell(opened: EmergencyAccess) -> None:
    """Names nobody: neither a patient, nor the words of the reason, which might."""
    own = _own_clinics(opened.user)
    works_in = ", ".join(clinic.name for clinic in own)
    message = Message(
        "Emergency access was opened",
        f"A clinician of {works_in} reads the records of {opened.clinic} until {opened.until:%H:%M} UTC. "
        f"A site admin of {opened.clinic} assesses it afterwards, under Emergency access.\n",
    )
    for clinic in (opened.clinic, *own):
        tell_site_admins(clinic, message)


@require_POST
def end(request: HttpRequest) -> HttpResponse:
    if end_own(request, at=now()):
        messages.success(request, _("The emergency access has ended."))
    else:
        messages.info(request, _("No emergency access is open."))
    return redirect("admin:index")


def _shown(request: HttpRequest, form: OpenForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    user: Any = request.user
    context = admin.site.each_context(request) | {
        "title": _("Emergency access"),
        "may_ask": _may_ask(request),
        "clinics": _clinics(request),
        "form": form,
        "has_factor": has_factor(user),
        "minutes": MINUTES,
        "elsewhere": open_elsewhere(request, at=now()),
    }
    context |= listed_for(access_of(request), at=now())
    return TemplateResponse(request, TEMPLATE, context, status=status)
