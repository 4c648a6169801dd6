from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Peerwell"

    def ready(self) -> None:
        # The Celery app must exist before anybody calls .delay(); and the checks register themselves.
        from config import audit, celery, checks  # noqa: F401
        from config.wellbeing import worker_watchdog  # noqa: F401
        from config.wellbeing.standing import messages_standing
        from scheduler.operations import watching

        audit.listen()
        # The scheduler doesn't know that there are messages; its tick watches them all the same.
        watching.standing.append(messages_standing)
