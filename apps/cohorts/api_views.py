"""What programs of analysts ask, each with a key of the person who answers for it."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.authentication import ANY, HasScope, KeyAuthentication
from apps.accounts.models import ApiKey
from apps.cohorts import api_documentation as docs
from apps.cohorts.throttling import KeyThrottle


class KeyView(APIView):
    """Takes keys alone: no session, no phone. Says with each answer how much the key may still ask."""

    authentication_classes = (KeyAuthentication,)
    permission_classes = (HasScope,)
    throttle_classes = (KeyThrottle,)
    #: The scope that each method takes.
    scopes: ClassVar[dict[str, str]] = {}

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        allowance = getattr(getattr(request, "_request", request), "allowance", None)
        if allowance is not None:
            response["RateLimit-Policy"] = allowance.rate.policy
            response["RateLimit"] = allowance.header
        return response


class OwnKeyView(KeyView):
    scopes: ClassVar[dict[str, str]] = {"GET": ANY}

    @extend_schema(**docs.GET_KEY)
    def get(self, request: Request) -> Response:
        return Response(_key_json(key_of(request)))


def key_of(request: Request) -> ApiKey:
    assert isinstance(request.auth, ApiKey)
    return request.auth


def _key_json(key: ApiKey) -> dict[str, Any]:
    places = key.user.memberships.select_related("clinic").order_by("clinic_id")
    return {
        "name": key.name,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "expires_at": key.expires_at.isoformat(),
        "person": key.user.get_username(),
        "clinics": [
            {"id": place.clinic_id, "name": place.clinic.name, "role": place.role} for place in places
        ],
    }
