"""manage.py vapid_keys: a new pair of keys for web push, as lines for the environment."""

import base64
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management.base import BaseCommand

from apps.diary.channels import public_key_of


class Command(BaseCommand):
    help = "Print a new VAPID key pair. A new pair ends every subscription that phones hold now."

    def handle(self, *args: Any, **options: Any) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        secret = key.private_numbers().private_value.to_bytes(32, "big")
        private = base64.urlsafe_b64encode(secret).rstrip(b"=").decode()
        self.stdout.write(f"VAPID_PUBLIC_KEY={public_key_of(key)}")
        self.stdout.write(f"VAPID_PRIVATE_KEY={private}")
