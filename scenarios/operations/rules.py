from datetime import datetime

from django.db import transaction

from ..models import Rule, RuleVersion


@transaction.atomic
def save_rule(rule: Rule, *, by=None, reason: str = "", now: datetime) -> RuleVersion:
    """Save a rule and, where what it says has changed, the version that holds from now on.

    Returns the version in force. The rule's row is locked, so that two people who save at once make two versions.
    """
    exists = Rule.objects.select_for_update().filter(pk=rule.pk).exists()
    rule.save(force_insert=not exists)
    rule.refresh_from_db()
    current = rule.versions.filter(valid_until__isnull=True).first()
    if current is not None and current.terms() == rule.terms():
        return current
    if current is not None:
        # A clock that went back must not make a version end before it began.
        now = max(now, current.valid_from)
        current.valid_until = now
        current.save(update_fields=["valid_until"])
    return RuleVersion.objects.create(
        rule=rule,
        number=current.number + 1 if current else 1,
        valid_from=now,
        changed_by=by,
        change_reason=reason,
        **rule.terms(),
    )
