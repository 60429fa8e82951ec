"""The staff site: Django's admin whose index is the worklist."""

from django.contrib.admin import AdminSite


class WorkspaceSite(AdminSite):
    site_header = "SCS/DRG trials"
    site_title = "SCS/DRG trials"
    index_title = "Worklist"
    site_url = None
