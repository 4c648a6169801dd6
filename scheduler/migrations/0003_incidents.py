"""What staff must hear of: notices to operators, heartbeats, and who closed an incident."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduler", "0002_daily_run"),
    ]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("key", models.CharField(max_length=200, primary_key=True, serialize=False, verbose_name="who")),
                (
                    "kind",
                    models.CharField(
                        choices=[("worker", "worker"), ("tick", "clock"), ("front", "first in a queue")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("started_at", models.DateTimeField(verbose_name="started")),
                ("seen_at", models.DateTimeField(verbose_name="last seen")),
            ],
            options={
                "verbose_name": "heartbeat",
                "verbose_name_plural": "heartbeats",
                "ordering": ["-seen_at", "key"],
            },
        ),
        migrations.AddField(
            model_name="incident",
            name="closed_by",
            field=models.CharField(blank=True, max_length=200, verbose_name="closed by"),
        ),
        migrations.AlterField(
            model_name="incident",
            name="kind",
            field=models.CharField(
                choices=[
                    ("late", "the daily run is late"),
                    ("failed", "a run failed"),
                    ("partial", "a run is partial"),
                    ("held", "a run is held"),
                    ("deaf", "work stands still"),
                ],
                max_length=10,
                verbose_name="kind",
            ),
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("opened", "an incident opened"),
                            ("closed", "an incident is over"),
                            ("well", "the daily run went well"),
                        ],
                        max_length=10,
                        verbose_name="what",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "e-mail"), ("ping", "ping")], max_length=10, verbose_name="channel"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "waiting"),
                            ("sent", "sent"),
                            ("dropped", "no longer needed"),
                            ("given_up", "given up"),
                        ],
                        default="pending",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="made")),
                ("due_at", models.DateTimeField(verbose_name="next try")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("token", models.UUIDField(blank=True, null=True, verbose_name="in hand")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent")),
                ("last_error", models.CharField(blank=True, max_length=200, verbose_name="last error")),
                (
                    "incident",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="scheduler.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="scheduler.run",
                        verbose_name="run",
                    ),
                ),
            ],
            options={
                "verbose_name": "notice to operators",
                "verbose_name_plural": "notices to operators",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(condition=models.Q(("status", "pending")), fields=["due_at"], name="notice_due")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("incident", "what", "channel"), name="notice_of_an_incident_once"),
                    models.UniqueConstraint(fields=("run", "what", "channel"), name="notice_of_a_run_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("incident__isnull", True), ("run__isnull", False), ("what", "well")),
                            models.Q(
                                ("incident__isnull", False), ("run__isnull", True), ("what__in", ["opened", "closed"])
                            ),
                            _connector="OR",
                        ),
                        name="notice_is_about_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", False), ("status", "sent")),
                            models.Q(models.Q(("status", "sent"), _negated=True), ("sent_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="notice_sent_has_its_instant",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status", "pending"), ("token__isnull", True), _connector="OR"),
                        name="notice_in_hand_is_pending",
                    ),
                ],
            },
        ),
    ]
