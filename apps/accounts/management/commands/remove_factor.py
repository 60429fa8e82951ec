"""manage.py remove_factor USER --proofed-by SITE_ADMIN --witness PERSON --reason TEXT."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.accounts.enrolling import remove_factor
from apps.accounts.models import Role, StaffMembership, User


class Command(BaseCommand):
    help = "Remove a lost second factor, after a site admin and a second person know who asks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user")
        parser.add_argument("--proofed-by", required=True, help="site admin of a clinic of USER")
        parser.add_argument("--witness", required=True, help="another member of that clinic")
        parser.add_argument("--reason", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        names = [options["user"], options["proofed_by"], options["witness"]]
        if len(set(names)) < len(names):
            raise CommandError("three different people are needed: who lost it, a site admin, a witness")
        owner, admin, witness = (_person(name) for name in names)
        clinics = StaffMembership.objects.filter(user=owner).values("clinic")
        admins = StaffMembership.objects.filter(user=admin, role=Role.SITE_ADMIN, clinic__in=clinics)
        works_there = StaffMembership.objects.filter(user=witness, role__in=list(Role)).values("clinic")
        if not admins.filter(clinic__in=works_there).exists():
            raise CommandError("a site admin of the person's clinic is needed, and a witness who works there")
        if len(options["reason"].split()) < 3:
            raise CommandError("give the reason in at least three words")
        reason = f"{options['reason']} (witness: staff:{witness.pk})"
        remove_factor(owner, by=f"staff:{admin.pk}", at=timezone.now(), reason=reason)
        self.stdout.write(f"{owner} has no second factor now and signs nothing before a new one is set up")


def _person(name: str) -> User:
    found = User.objects.filter(username=name, is_active=True).first()
    if found is None:
        raise CommandError(f"no such member of staff: {name}")
    return found
