"""What the edges remember between requests."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class IdempotencyKey(models.Model):
    """The first answer to a POST, to be given again where the caller didn't hear it."""

    scope = models.CharField(_("asked by"), max_length=64)
    key = models.CharField(_("key"), max_length=255)
    fingerprint = models.CharField(_("fingerprint of the request"), max_length=64)
    status_code = models.PositiveSmallIntegerField(_("status code"))
    # As text and not as jsonb, which would lose the printed order of the keys.
    answer = models.TextField(_("answer"))
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotency_key_once")]
        # The sweep takes the oldest.
        indexes = [models.Index(fields=["created_at"], name="idempotency_key_oldest")]

    def __str__(self):
        return self.key
