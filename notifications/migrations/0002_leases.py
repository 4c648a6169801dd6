from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="notification",
            name="lease_overdue",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Not renewed in time: its sender has a moment left to say that it lives.",
                verbose_name="lease overdue",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=Q(("lease_overdue", False), ("status", "sending"), _connector="OR"),
                name="notification_overdue_while_sending",
            ),
        ),
    ]
