from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchedulerConfig(AppConfig):
    name = "scheduler"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Runs")

    def ready(self):
        from scenarios.signals import part_settled

        from .operations import held
        from .signals import batches_waiting, questions_waiting
        from .tasks import ring, ring_for_questions

        batches_waiting.connect(ring, dispatch_uid="scheduler.ring")
        questions_waiting.connect(ring_for_questions, dispatch_uid="scheduler.ring_for_questions")
        part_settled.connect(held.part_settled, dispatch_uid="scheduler.part_settled")
