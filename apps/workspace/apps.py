"""Two configurations, in the order in which the settings list them: the first one's templates win."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class WorkspaceConfig(AppConfig):
    """The staff site. Listed before Django's admin, so that its ``admin/base_site.html`` is the one found."""

    name = "apps.workspace"


class WorkspaceAdminConfig(AdminConfig):
    """Django's admin with our own site class, so that every register() lands on it."""

    default_site = "apps.workspace.site.WorkspaceSite"
