from django.apps import AppConfig


class TrialsConfig(AppConfig):
    name = "apps.trials"

    def ready(self) -> None:
        from apps.trials import receivers  # noqa: F401  (a patient's record is evidence)
