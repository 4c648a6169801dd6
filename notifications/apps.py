from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Messages")

    def ready(self):
        from scenarios.signals import due

        from . import checks  # noqa: F401
        from .tasks import ring

        due.connect(ring, dispatch_uid="notifications.ring")
