from django.conf import settings
from django.db import migrations, models


def states_from_enabled(apps, _schema_editor):
    """What was enabled is on, what wasn't is off: rules, and every version of them."""
    for name in ("Rule", "RuleVersion"):
        rows = apps.get_model("scenarios", name).objects
        rows.filter(enabled=True).update(state="on")
        rows.filter(enabled=False).update(state="off")


def enabled_from_states(apps, _schema_editor):
    for name in ("Rule", "RuleVersion"):
        rows = apps.get_model("scenarios", name).objects
        rows.filter(state="on").update(enabled=True)
        rows.exclude(state="on").update(enabled=False)


class Migration(migrations.Migration):
    dependencies = [
        ("scenarios", "0005_chapters_of_one_organization"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="rule",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("watching", "Watching"),
                    ("on", "On"),
                    ("off", "Off"),
                    ("retired", "Retired"),
                ],
                default="draft",
                help_text="Draft: nothing happens yet. Watching: the rule is checked every time, and you can see who would have got a message, but nobody gets one. On: mentors get messages. Off: nothing happens. Retired: off for good.",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            model_name="ruleversion",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("watching", "Watching"),
                    ("on", "On"),
                    ("off", "Off"),
                    ("retired", "Retired"),
                ],
                default="draft",
                help_text="Draft: nothing happens yet. Watching: the rule is checked every time, and you can see who would have got a message, but nobody gets one. On: mentors get messages. Off: nothing happens. Retired: off for good.",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.RunPython(states_from_enabled, enabled_from_states),
        migrations.RemoveField(
            model_name="rule",
            name="enabled",
        ),
        migrations.RemoveField(
            model_name="ruleversion",
            name="enabled",
        ),
        migrations.AlterField(
            model_name="decision",
            name="outcome_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("mentor_left", "has left"),
                    ("mentor_paused", "is paused"),
                    ("user_opted_out", "doesn't want this kind of message"),
                    ("human_contact", "somebody talked to them lately"),
                    ("already_told", "was already told of this occasion"),
                    ("cooldown_active", "was told of this scenario lately"),
                    ("outranked", "another message goes first"),
                    ("frequency_capped", "heard enough from us this week"),
                    ("watching", "this rule only watches"),
                    ("evaluation_error", "could not be evaluated"),
                    ("stale", "came too late to be of use"),
                    ("no_longer_true", "was no longer true when it was due"),
                    ("rule_disabled", "the rule is no longer on"),
                    ("run_cancelled", "the run was stopped"),
                    ("blackout", "fell on a day without messages"),
                    ("no_channel", "there is no way to reach them"),
                    ("held", "the run was held and discarded"),
                    ("expired", "waited too long for release"),
                    ("switched_off", "messages were switched off"),
                    ("undeliverable", "could not be delivered"),
                ],
                max_length=20,
                verbose_name="outcome's reason",
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("mentor_left", "has left"),
                    ("mentor_paused", "is paused"),
                    ("user_opted_out", "doesn't want this kind of message"),
                    ("human_contact", "somebody talked to them lately"),
                    ("already_told", "was already told of this occasion"),
                    ("cooldown_active", "was told of this scenario lately"),
                    ("outranked", "another message goes first"),
                    ("frequency_capped", "heard enough from us this week"),
                    ("watching", "this rule only watches"),
                    ("evaluation_error", "could not be evaluated"),
                    ("stale", "came too late to be of use"),
                    ("no_longer_true", "was no longer true when it was due"),
                    ("rule_disabled", "the rule is no longer on"),
                    ("run_cancelled", "the run was stopped"),
                    ("blackout", "fell on a day without messages"),
                    ("no_channel", "there is no way to reach them"),
                    ("held", "the run was held and discarded"),
                    ("expired", "waited too long for release"),
                    ("switched_off", "messages were switched off"),
                    ("undeliverable", "could not be delivered"),
                ],
                max_length=20,
                verbose_name="held back because",
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("reason", "watching")),
                fields=["rule", "decided_at", "mentor"],
                name="decision_watched",
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "watching", "on", "off", "retired"])),
                name="rule_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "watching", "on", "off", "retired"])),
                name="ruleversion_state_known",
            ),
        ),
    ]
