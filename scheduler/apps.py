from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchedulerConfig(AppConfig):
    name = "scheduler"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Runs")

    def ready(self):
        from .signals import batches_waiting
        from .tasks import ring

        batches_waiting.connect(ring, dispatch_uid="scheduler.ring")
