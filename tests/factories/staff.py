"""Members of staff with one role in one clinic."""

from functools import cache

from django.contrib.auth.hashers import make_password

from apps.accounts.models import Clinic, Role, StaffMembership, User

PASSWORD = "correct-horse-battery-staple"


@cache
def hashed_password() -> str:
    """Hashed once a run: Argon2 is slow by design."""
    return make_password(PASSWORD)


def make_staff(username: str, *, clinic: Clinic | None, role: Role = Role.COORDINATOR) -> User:
    user = User.objects.create(username=username, password=hashed_password(), is_staff=True)
    if clinic is not None:
        StaffMembership.objects.create(user=user, clinic=clinic, role=role.value)
    return user
