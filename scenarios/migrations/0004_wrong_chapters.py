"""End what stands between two organisations, before the next migration forbids it, and say what was done."""

from django.db import migrations
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

REASON = "Turned off by an upgrade: its chapter belongs to another organisation."


def end_what_is_wrong(apps, schema_editor):
    """Withdraw memberships, take the chapter from activities, turn off rules. Old evaluations stay as they are."""
    now = timezone.now()
    model = lambda name: apps.get_model("scenarios", name)  # noqa: E731
    done = {
        "memberships taken back": withdraw(
            wrong(model("Membership").objects.filter(withdrawn_at__isnull=True), "mentor__organization"), now
        ),
        "activities that lost their chapter": take_chapter_away(model("Activity"), now),
        "rules turned off": turn_off(model("Rule"), model("RuleVersion"), now),
        "evaluations left as they are": wrong(
            model("Evaluation").objects.all(), "activity__mentor__organization"
        ).count(),
    }
    for what, how_many in done.items():
        if how_many:
            print(f"\n    A chapter of another organisation: {how_many} {what}.", end="")


def wrong(rows, organization: str):
    return rows.filter(chapter__isnull=False).exclude(chapter__organization=F(organization))


def withdraw(rows, now) -> int:
    ids = list(rows.values_list("pk", flat=True))
    return rows.model.objects.filter(pk__in=ids).update(withdrawn_at=Greatest(Value(now), F("recorded_at")))


def take_chapter_away(activities, now) -> int:
    rows = wrong(activities.objects.filter(withdrawn_at__isnull=True), "mentor__organization")
    found = list(rows)
    withdraw(rows, now)
    for activity in found:
        activity.pk = None
        activity.chapter_id = None
        activity.recorded_at = now
    activities.objects.bulk_create(found)
    return len(found)


def turn_off(rules, versions, now) -> int:
    """Let each be a rule of its chapter's organisation, which is where it held, and turn it off for people to see."""
    found = list(wrong(rules.objects.all(), "organization").select_related("chapter"))
    for rule in found:
        rule.organization_id = rule.chapter.organization_id
        rule.enabled = False
        rule.scenario_id = free_scenario(rules, rule)
        rule.save()
        current = versions.objects.filter(rule=rule, valid_until__isnull=True).first()
        if current is not None:
            current.valid_until = max(now, current.valid_from)
            current.save(update_fields=["valid_until"])
            current.number += 1
            current.pk, current.valid_from, current.valid_until = None, current.valid_until, None
            current.organization_id, current.scenario_id = rule.organization_id, rule.scenario_id
            current.enabled, current.changed_by_id, current.change_reason = False, None, REASON
            current.save(force_insert=True)
    return len(found)


def free_scenario(rules, rule) -> str:
    """Return the rule's word, with a number behind it where the place is taken."""
    taken = set(
        rules.objects.filter(organization=rule.organization_id, chapter=rule.chapter_id)
        .exclude(pk=rule.pk)
        .values_list("scenario_id", flat=True)
    )
    names = [rule.scenario_id, *(f"{rule.scenario_id[:58]}_{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


class Migration(migrations.Migration):
    dependencies = [("scenarios", "0003_brake")]

    operations = [migrations.RunPython(end_what_is_wrong, migrations.RunPython.noop)]
