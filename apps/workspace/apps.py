from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class WorkspaceAdminConfig(AdminConfig):
    """Django's admin with our own site class, so that every register() lands on it."""

    default_site = "apps.workspace.site.WorkspaceSite"


class WorkspaceConfig(AppConfig):
    name = "apps.workspace"
