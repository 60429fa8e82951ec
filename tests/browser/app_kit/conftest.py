"""The sandbox of the app kit's own tests, for our own app."""

from tests.app_kit.conftest import control, sandbox

__all__ = ["control", "sandbox"]
