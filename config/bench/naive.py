"""The daily run as a loop: mentor by mentor, rule by rule, with the ORM. What one writes first, and what it costs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet, Sum

from scenarios.engine import active, in_force
from scenarios.models import Activity, Decision, PeerMentor, RuleVersion

# Subject and readings of something that fired.
Hit = tuple[str, dict]
TARGETS = {
    "minutes": ("weekly_minutes", Sum("duration_seconds"), 60),
    "count": ("weekly_activities", Count("id"), 1),
    "distance": ("weekly_distance_meters", Sum("distance_meters"), 1),
}


@dataclass(frozen=True)
class Day:
    """The run that is done by hand."""

    as_of: datetime
    now: datetime
    run_id: str


def decide(mentor_ids: Sequence[int], day: Day) -> None:
    """Weigh each of the mentors against the twelve rules and write down what was decided."""
    as_of = day.as_of
    versions = in_force(as_of)
    for mentor in active(as_of, as_of).filter(id__in=mentor_ids).select_related("organization"):
        with transaction.atomic():
            told = False
            for version in applying(mentor, versions, as_of):
                for subject, readings in fires(mentor, version, as_of):
                    reason = held_back(mentor, version, subject, day) or ("outranked" if told else "")
                    reason = reason or ("frequency_capped" if heard_enough(mentor, version, day) else "")
                    told = told or reason in ("", "frequency_capped")
                    write(mentor, version, (subject, readings), reason, day)


def applying(mentor: PeerMentor, versions: Sequence[RuleVersion], as_of: datetime) -> Iterator[RuleVersion]:
    """Return the rules for this mentor, without those that a narrower one of their scenario replaces."""
    memberships = known(mentor.memberships.all(), as_of).filter(starts_at__lte=as_of)
    chapters = set(memberships.filter(Q(ends_at=None) | Q(ends_at__gt=as_of)).values_list("chapter_id", flat=True))
    mine = [
        version
        for version in versions
        if version.chapter_id in chapters
        or (version.organization_id in (None, mentor.organization_id) and not version.chapter_id)
    ]
    rank = {id(version): (version.chapter_id is not None, version.organization_id is not None) for version in mine}
    for version in mine:
        if not any(other.scenario_id == version.scenario_id and rank[id(other)] > rank[id(version)] for other in mine):
            yield version


def fires(mentor: PeerMentor, version: RuleVersion, as_of: datetime) -> Iterator[Hit]:
    threshold = timedelta(days=version.threshold_days or 0)
    if version.trigger_type == "certification_expiry":
        yield from expiring(mentor, threshold, as_of)
    elif version.trigger_type == "below_weekly_target":
        yield from below_target(mentor, version, as_of)
    else:
        since = quiet_since(mentor, version.parameters, as_of)
        if since <= as_of - threshold:
            yield "", {"from": stamp(since), "to": stamp(as_of)}


def expiring(mentor: PeerMentor, threshold: timedelta, as_of: datetime) -> Iterator[Hit]:
    certifications = known(mentor.certifications.all(), as_of).filter(Q(issued_at=None) | Q(issued_at__lte=as_of))
    latest = {found.kind: found for found in certifications.order_by("expires_at", "id")}
    for found in sorted(latest.values(), key=lambda found: found.certification_id):
        if as_of <= found.expires_at <= as_of + threshold:
            yield found.certification_id, {"from": stamp(as_of), "to": stamp(found.expires_at), "kind": found.kind}


def below_target(mentor: PeerMentor, version: RuleVersion, as_of: datetime) -> Iterator[Hit]:
    field, amount, unit = TARGETS[version.parameters["amount"]]
    target = getattr(mentor, field)
    if target is None:
        return
    window = timedelta(days=version.threshold_days or 0)
    logged = activities(mentor, {}, as_of).filter(completed_at__gt=as_of - window)
    value = (logged.aggregate(amount=amount)["amount"] or 0) / unit
    limit = target * version.parameters.get("threshold_percent", 100) / 100 * (version.threshold_days or 0) / 7
    if value < limit:
        yield "", {"value": plain(value), "limit": plain(limit)}


def quiet_since(mentor: PeerMentor, parameters: dict, as_of: datetime) -> datetime:
    latest = activities(mentor, parameters, as_of).aggregate(latest=Max("completed_at"))["latest"]
    pauses = known(mentor.pauses.all(), as_of).filter(starts_at__lte=as_of, ends_at__lte=as_of)
    paused = pauses.aggregate(latest=Max("ends_at"))["latest"]
    return max(instant for instant in (latest, mentor.joined_at, mentor.recorded_at, paused) if instant)


def activities(mentor: PeerMentor, parameters: dict, as_of: datetime) -> QuerySet[Activity]:
    logged = known(mentor.activities.all(), as_of).filter(completed_at__lte=as_of)
    if "activity_types" in parameters:
        logged = logged.filter(activity_type__in=parameters["activity_types"])
    if "min_minutes" in parameters:
        logged = logged.filter(duration_seconds__gte=60 * parameters["min_minutes"])
    return logged


def known(facts: QuerySet, as_of: datetime) -> QuerySet:
    return facts.filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=as_of), recorded_at__lte=as_of)


def held_back(mentor: PeerMentor, version: RuleVersion, subject: str, day: Day) -> str:  # noqa: PLR0911
    """Ask the gates, in their order; those that a run's population has passed already are asked again."""
    now, zone = day.now, mentor.organization.zone
    today = local(now, zone)
    if mentor.left_at and mentor.left_at <= now:
        return "mentor_left"
    if known(mentor.pauses.all(), now).filter(Q(ends_at=None) | Q(ends_at__gt=now), starts_at__lte=now).exists():
        return "mentor_paused"
    if known(mentor.opt_outs.all(), now).filter(trigger_type__in=["", version.trigger_type]).exists():
        return "user_opted_out"
    talked = known(mentor.human_contacts.all(), now).aggregate(at=Max("contacted_at"))["at"]
    if talked and (today - local(talked, zone)).days < mentor.organization.human_contact_days:
        return "human_contact"
    standing = mentor.decisions.filter(outcome__in=["pending", "told"])
    if standing.filter(rule=version.rule_id, subject=subject, occasion=str(local(day.as_of, zone))).exists():
        return "already_told"
    before = standing.filter(rule_version__scenario_id=version.scenario_id, subject=subject)
    if any((today - local(told_at(decision), zone)).days < version.cooldown_days for decision in before):
        return "cooldown_active"
    return ""


def heard_enough(mentor: PeerMentor, version: RuleVersion, day: Day) -> bool:
    zone = mentor.organization.zone
    apart = timedelta(hours=mentor.organization.min_hours_between_messages, minutes=-10)
    planned = on_the_wall(day.as_of + timedelta(hours=version.delay_hours), zone)
    week_ago = day.now - timedelta(days=7)
    standing = mentor.decisions.filter(outcome__in=["pending", "told"])
    if any(abs(on_the_wall(row.scheduled_for, zone) - planned) < apart for row in standing if row.run_id):
        return True
    return sum(told_at(decision) > week_ago for decision in standing) >= mentor.organization.weekly_cap


def write(mentor: PeerMentor, version: RuleVersion, hit: Hit, reason: str, day: Day) -> None:
    subject, readings = hit
    Decision.objects.create(
        mentor=mentor,
        organization=mentor.organization,
        rule_id=version.rule_id,
        rule_version=version,
        subject=subject,
        occasion=str(local(day.as_of, mentor.organization.zone)),
        readings=readings,
        run_id=day.run_id,
        instant=day.as_of,
        known_at=day.as_of,
        decided_at=day.now,
        reason=reason,
        scheduled_for=day.as_of + timedelta(hours=version.delay_hours),
        outcome="" if reason else "pending",
    )


def told_at(decision: Decision) -> datetime:
    return decision.settled_at or max(decision.scheduled_for, decision.decided_at)


def on_the_wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def local(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


def stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def plain(number: float) -> float:
    return int(number) if number == int(number) else number
