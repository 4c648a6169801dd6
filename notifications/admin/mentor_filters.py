from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, DropdownFilter

from scenarios.models import Activity, Membership, OptOut, Pause

from .named import may_see_names
from .situation import silent_for


class SituationFilter(DropdownFilter):
    title = _("situation")
    parameter_name = "situation"

    def lookups(self, request, model_admin):
        unreachable = [("unreachable", _("has no e-mail address"))] if may_see_names(request.user) else []
        return [
            ("active", _("active")),
            ("paused", _("paused now")),
            ("left", _("has left")),
            ("opted_out", _("wants no messages")),
            *unreachable,
        ]

    def queryset(self, request, queryset):
        now = timezone.now()
        present = Q(left_at__isnull=True) | Q(left_at__gt=now)
        paused = Exists(
            Pause.objects.standing().filter(mentor=OuterRef("pk"), starts_at__lte=now).exclude(ends_at__lte=now)
        )
        match self.value():
            case "active":
                return queryset.filter(present, ~paused)
            case "paused":
                return queryset.filter(present, paused)
            case "left":
                return queryset.exclude(present)
            case "opted_out":
                return queryset.filter(Exists(OptOut.objects.standing().filter(mentor=OuterRef("pk"))))
            case "unreachable" if may_see_names(request.user):
                return queryset.filter(present).filter(Q(contact__isnull=True) | Q(contact__email=""))
        return queryset


class SilenceFilter(DropdownFilter):
    """Who has gone quiet. Who has left or is on a break isn't called silent."""

    title = _("last activity")
    parameter_name = "silent"

    def lookups(self, request, model_admin):
        silent = [(str(days), _("no activity for %(days)d days") % {"days": days}) for days in (14, 30, 90)]
        return [*silent, ("never", _("no activity yet"))]

    def queryset(self, request, queryset):
        if self.value() not in dict(self.lookup_choices):
            return queryset
        now = timezone.now()
        here = queryset.filter(Q(left_at__isnull=True) | Q(left_at__gt=now)).exclude(is_paused=True)
        if self.value() == "never":
            return here.filter(~Exists(Activity.objects.standing().filter(mentor=OuterRef("pk"))))
        return here.filter(silent_for(int(self.value()), now))


class ChapterFilter(AutocompleteSelectFilter):
    """Who belongs to a chapter now; a plain join would also find those who once did, and some of them twice."""

    def queryset(self, request, queryset):
        chapter = self.value()
        if not chapter:
            return queryset
        now = timezone.now()
        current = Membership.objects.standing().filter(mentor=OuterRef("pk"), chapter=chapter, starts_at__lte=now)
        return queryset.filter(Exists(current.exclude(ends_at__lte=now)))
