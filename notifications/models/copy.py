"""The wording that a person approved."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scenarios.models import PromptTemplate
from scenarios.text import LineField, TextField

from ..copywriter import unknown_placeholders


class Variant(models.Model):
    """One wording of a brief in one language. Only what is approved is ever sent.

    What an approval replaces is retired. It is never approved again: whoever wants it back copies it to a new draft.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        APPROVED = "approved", _("approved")
        RETIRED = "retired", _("retired")

    template = models.ForeignKey(
        PromptTemplate, models.CASCADE, related_name="variants", verbose_name=_("message brief")
    )
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="nb")
    subject = LineField(_("title"), max_length=100)
    body = TextField(_("text"), max_length=10_000)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT, editable=False)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("approved by"),
    )
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
        ordering = ["template_id", "language", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(subject="") & ~Q(body=""), name="variant_has_words"),
            models.CheckConstraint(
                # Of what was retired before this was recorded, nobody knows when it had been approved.
                condition=Q(state="draft", approved_at__isnull=True, approved_by__isnull=True, retired_at__isnull=True)
                | Q(state="approved", approved_at__isnull=False, retired_at__isnull=True)
                | Q(state="retired", retired_at__isnull=False),
                name="variant_state_has_its_instants",
            ),
            models.UniqueConstraint(
                fields=["template", "language"],
                condition=Q(state="approved"),
                name="variant_approved_once",
                violation_error_message=_("There is already an approved wording in this language."),
            ),
        ]

    def __str__(self):
        return f"{self.subject} ({self.language})"

    def clean(self):
        """Refuse a placeholder that nothing would fill. Raise ValidationError by field."""
        errors = {}
        for field in ("subject", "body"):
            if unknown := unknown_placeholders(getattr(self, field) or ""):
                errors[field] = _("Unknown placeholder: %(names)s.") % {"names": ", ".join(unknown)}
        if errors:
            raise ValidationError(errors)
