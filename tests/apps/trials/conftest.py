"""The browser of the staff site's own tests."""

from tests.apps.workspace.conftest import as_staff

__all__ = ["as_staff"]
