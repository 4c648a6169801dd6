from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("notifications", "0003_wording_states")]

    operations = [
        migrations.RemoveConstraint(model_name="variant", name="variant_approved_once"),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.CheckConstraint(
                condition=Q(state="draft", approved_at__isnull=True, approved_by__isnull=True, retired_at__isnull=True)
                | Q(state="approved", approved_at__isnull=False, retired_at__isnull=True)
                | Q(state="retired", retired_at__isnull=False),
                name="variant_state_has_its_instants",
            ),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.UniqueConstraint(
                condition=Q(state="approved"),
                fields=("template", "language"),
                name="variant_approved_once",
                violation_error_message="There is already an approved wording in this language.",
            ),
        ),
    ]
