"""How much one key may ask, and one address that opens links."""

from rest_framework.request import Request

from apps.accounts.models import ApiKey
from apps.diary.throttling import BucketThrottle, client_address


class KeyThrottle(BucketThrottle):
    rate_name = "key"

    def whose(self, request: Request) -> str | None:
        return str(request.auth.pk) if isinstance(request.auth, ApiKey) else None


class LinkThrottle(BucketThrottle):
    rate_name = "key"

    def whose(self, request: Request) -> str | None:
        return client_address(request)
