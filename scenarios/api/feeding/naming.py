"""Look up what the bodies name, for all of them at once, and build the rows. Problems are collected by index."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from ...models import Chapter, Organization, PeerMentor
from ..asking import unknown_mentor
from ..filters import unknown_chapter

Problems = dict[int, dict[str, list[str]]]


def mentors_of(said: Sequence[dict], problems: Problems) -> dict[str, PeerMentor]:
    """Return the mentors by user ID; note where there is none."""
    known = {mentor.user_id: mentor for mentor in PeerMentor.objects.filter(user_id__in=_all(said, "user_id"))}
    _note(said, "user_id", known, unknown_mentor, problems)
    return known


def organizations_of(said: Sequence[dict], problems: Problems) -> None:
    known = Organization.objects.in_bulk(_all(said, "organization_id"))
    _note(said, "organization_id", known, lambda pk: _("There is no organisation “%(id)s”.") % {"id": pk}, problems)


def chapters_for(named: Sequence[tuple[int, str, Sequence[str], str]], problems: Problems) -> dict[str, Chapter]:
    """Check chapters named as (index, field, ids, the mentor's organisation); return them by id."""
    known = Chapter.objects.in_bulk({chapter_id for _i, _f, ids, _o in named for chapter_id in ids})
    for index, field, ids, organization_id in named:
        wrong = [unknown_chapter(pk) for pk in ids if pk not in known]
        if any(pk in known and known[pk].organization_id != organization_id for pk in ids):
            wrong.append(_("This chapter belongs to another organisation than the mentor."))
        if wrong:
            problems.setdefault(index, {})[field] = wrong
    return known


def _all(said: Sequence[dict], name: str) -> set[str]:
    return {one[name] for one in said}


def _note(said, name: str, known, sentence, problems: Problems) -> None:
    for index, one in enumerate(said):
        if one[name] not in known:
            problems.setdefault(index, {})[name] = [sentence(one[name])]
