import re

from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now

PLACEHOLDER = re.compile(r"\\\$(?:[a-z_]+|\\\{[a-z_]+\\\})", re.IGNORECASE)


def tell_states_apart(apps, schema_editor):
    """Say of each wording whether it is approved, was replaced, or waits for approval.

    One that was replaced went back to looking like a draft. It is known by the messages that were written from it, as
    long as it still says what the last of them said: otherwise somebody has made a new draft of it.
    """
    variants = apps.get_model("notifications", "Variant").objects
    notifications = apps.get_model("notifications", "Notification").objects
    variants.filter(approved_at__isnull=False).update(state="approved")
    variants.filter(approved_at__isnull=True).update(approved_by=None)
    for variant in variants.filter(approved_at__isnull=True):
        last = notifications.filter(variant=variant).order_by("-id").first()
        if last is not None and says(variant.body, last.body):
            successor = variants.filter(
                template=variant.template_id, language=variant.language, approved_at__gte=last.created_at
            ).first()
            retired_at = successor.approved_at if successor else Now()
            variants.filter(pk=variant.pk).update(state="retired", retired_at=retired_at)


def says(wording: str, text: str) -> bool:
    """Tell whether a text is what this wording says, whatever stands in the place of its placeholders."""
    pattern = PLACEHOLDER.sub(".*", re.escape(wording))
    return re.fullmatch(pattern, text, re.DOTALL) is not None


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0002_leases"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="variant",
            name="state",
            field=models.CharField(
                choices=[("draft", "draft"), ("approved", "approved"), ("retired", "retired")],
                default="draft",
                editable=False,
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            model_name="variant",
            name="retired_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="retired"),
        ),
        migrations.RunPython(tell_states_apart, migrations.RunPython.noop),
    ]
