"""Store what other systems know: all or nothing, and the same again is what is stored already."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ..models import Chapter, Membership, Pause, PeerMentor
from ..models.facts import Fact
from .facts import FactConflict, amend, lock_current, store_once

AnyFact = TypeVar("AnyFact", bound=Fact)
Row = TypeVar("Row")
BOOKKEEPING = ("id", "recorded_at", "withdrawn_at", "left_recorded_at")


@dataclass(frozen=True)
class Fed(Generic[Row]):
    """What is stored now, in the order in which it was given, and how much of it is new."""

    rows: list[Row]
    created: int


def same(stored, given) -> bool:
    """Tell whether a stored row says what is given. A chapter that isn't given is no contradiction."""
    fields = [field.attname for field in type(stored)._meta.concrete_fields if field.attname not in BOOKKEEPING]
    if getattr(given, "chapter_id", None) is None:
        fields = [name for name in fields if name != "chapter_id"]
    return all(getattr(stored, name) == getattr(given, name) for name in fields)


@transaction.atomic
def store_facts(given: Sequence[AnyFact], *, now: datetime) -> Fed[AnyFact]:
    """Store facts that have a key from outside, each once. Raises FactConflict."""
    key = type(given[0]).key
    for row in given:
        row.recorded_at = now
    return _compared(given, store_once(given), lambda row: getattr(row, key), now)


@transaction.atomic
def store_pauses(given: Sequence[Pause], *, now: datetime) -> Fed[Pause]:
    """Store pauses; a mentor's pause is known by its beginning. Raises FactConflict."""
    mentor_ids = {pause.mentor_id for pause in given}
    len(PeerMentor.objects.filter(pk__in=mentor_ids).order_by("pk").select_for_update(no_key=True))
    standing = Pause.objects.standing().filter(mentor__in=mentor_ids).select_related("mentor")
    stored = {_beginning(pause): pause for pause in standing}
    open_pauses = {mentor_id for (mentor_id, _starts), pause in stored.items() if pause.ends_at is None}
    new = {_beginning(pause): pause for pause in given if _beginning(pause) not in stored}
    refused = {}
    for index, pause in enumerate(given):
        if pause.ends_at is None and new.get(_beginning(pause)) is pause:
            if pause.mentor_id in open_pauses:
                refused[index] = _("This mentor is already paused until further notice.")
            open_pauses.add(pause.mentor_id)
    if refused:
        raise FactConflict(refused)
    for pause in new.values():
        pause.recorded_at = now
    try:
        with transaction.atomic():
            Pause.objects.bulk_create(new.values())
    except IntegrityError as error:
        # A correction, for which no mentor is locked, has left another pause of one of them open.
        sentence = _("The pauses of this mentor were changed at the same moment. Please try again.")
        open_ended = [index for index, pause in enumerate(given) if pause.ends_at is None]
        raise FactConflict(dict.fromkeys(open_ended, sentence)) from error
    return _compared(given, stored | new, _beginning, now)


def _beginning(pause: Pause) -> tuple[int, datetime]:
    return pause.mentor_id, pause.starts_at


def _compared(given: Sequence[Row], stored: dict, key: Callable[[Any], Any], now: datetime) -> Fed[Row]:
    different = [index for index, row in enumerate(given) if key(row) not in stored or not same(stored[key(row)], row)]
    if different:
        raise FactConflict(dict.fromkeys(different, _("This is stored already, with other fields.")))
    rows = [stored[key(row)] for row in given]
    return Fed(rows, sum(row.recorded_at == now for row in {id(row): row for row in rows}.values()))


@transaction.atomic
def correct_fact(fact: AnyFact, changes: dict[str, Any], *, now: datetime) -> AnyFact:
    """Let a fact say something else from now on; return the row that stands, the same one where nothing changes.

    Of two who correct the same at once, the later one has the last word on what it names. Raises `Fact.DoesNotExist`
    when the fact doesn't stand any more, or FactConflict.
    """
    fact = lock_current(fact)
    if all(getattr(fact, name) == value for name, value in changes.items()):
        return fact
    for name, value in changes.items():
        setattr(fact, name, value)
    try:
        with transaction.atomic():
            return amend(fact, now=now)
    except IntegrityError as error:
        raise FactConflict({0: _("This contradicts another fact of the same mentor.")}) from error


@transaction.atomic
def store_mentors(given: Sequence[tuple[PeerMentor, Sequence[str]]], *, now: datetime) -> Fed[PeerMentor]:
    """Store mentors with the chapters that they belong to from joining on. Raises FactConflict."""
    for mentor, _chapters in given:
        mentor.recorded_at = now
        mentor.left_recorded_at = now if mentor.left_at else None
    ordered = sorted((mentor for mentor, _chapters in given), key=lambda mentor: mentor.user_id)
    PeerMentor.objects.bulk_create(ordered, ignore_conflicts=True)
    named = PeerMentor.objects.filter(user_id__in=[mentor.user_id for mentor in ordered])
    stored = {mentor.user_id: mentor for mentor in named}
    fed = _compared([mentor for mentor, _chapters in given], stored, lambda mentor: mentor.user_id, now)
    belonging = chapters_of(fed.rows)
    new = {mentor.pk for mentor in fed.rows if mentor.recorded_at == now}
    other = [
        index
        for index, (mentor, (_given, chapters)) in enumerate(zip(fed.rows, given, strict=True))
        if mentor.pk not in new and not mentor.left_at and belonging.get(mentor.pk, []) != sorted(set(chapters))
    ]
    if other:
        raise FactConflict(dict.fromkeys(other, _("This mentor is stored already, in other chapters.")))
    Membership.objects.bulk_create(
        Membership(mentor=mentor, chapter_id=chapter, starts_at=mentor.joined_at, ends_at=_end(mentor), recorded_at=now)
        for mentor, (_given, chapters) in zip(fed.rows, given, strict=True)
        if mentor.pk in new
        for chapter in sorted(set(chapters))
    )
    return fed


def _end(mentor: PeerMentor) -> datetime | None:
    return mentor.left_at if mentor.left_at and mentor.left_at > mentor.joined_at else None


def chapters_of(mentors: Sequence[PeerMentor]) -> dict[int, list[str]]:
    """Return the ids of the chapters to which each mentor belongs until further notice."""
    belonging: dict[int, list[str]] = {}
    open_ended = Membership.objects.standing().filter(mentor__in=mentors, ends_at__isnull=True)
    for mentor_id, chapter_id in open_ended.order_by("chapter_id").values_list("mentor_id", "chapter_id"):
        belonging.setdefault(mentor_id, []).append(chapter_id)
    return belonging


def change_mentor(
    mentor: PeerMentor, changes: dict[str, Any], *, chapters: Sequence[Chapter] | None = None, now: datetime
) -> PeerMentor:
    """Change what is known of a mentor: leaving or coming back, targets, and the chapters from now on.

    Raises FactConflict where somebody else changes what belongs to it at the same moment.
    """
    try:
        with transaction.atomic():
            return _changed(mentor, changes, chapters, now)
    except (IntegrityError, Membership.DoesNotExist) as error:
        # On the admin's pages a membership is changed without locking its mentor.
        raise FactConflict(
            {0: _("Somebody else has changed this mentor in the meantime. Ask for it again.")}
        ) from error


def _changed(
    mentor: PeerMentor, changes: dict[str, Any], chapters: Sequence[Chapter] | None, now: datetime
) -> PeerMentor:
    mentor = PeerMentor.objects.select_for_update(no_key=True).get(pk=mentor.pk)
    if changes.get("left_at", mentor.left_at) != mentor.left_at:
        mentor.left_recorded_at = now if changes["left_at"] else None
    for name, value in changes.items():
        setattr(mentor, name, value)
    mentor.save()
    if chapters is not None:
        _move(mentor, {chapter.pk for chapter in chapters}, now)
    return mentor


def _move(mentor: PeerMentor, chapter_ids: set[str], now: datetime) -> None:
    open_ended = list(mentor.memberships.standing().filter(ends_at__isnull=True))
    for membership in open_ended:
        if membership.chapter_id not in chapter_ids:
            # One that had not begun ends as soon as it may.
            membership.ends_at = max(now, membership.starts_at + timedelta(seconds=1))
            amend(membership, now=now)
    for chapter_id in sorted(chapter_ids - {membership.chapter_id for membership in open_ended}):
        Membership.objects.create(mentor=mentor, chapter_id=chapter_id, starts_at=now, recorded_at=now)
