"""Members of staff with one role in one clinic."""

from apps.accounts.models import Clinic, Role, StaffMembership, User

PASSWORD = "correct-horse-battery-staple"


def make_staff(username: str, *, clinic: Clinic | None, role: Role = Role.COORDINATOR) -> User:
    user = User.objects.create_user(username=username, password=PASSWORD, is_staff=True)
    if clinic is not None:
        StaffMembership.objects.create(user=user, clinic=clinic, role=role.value)
    return user
