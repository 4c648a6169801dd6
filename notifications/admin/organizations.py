from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action

from scenarios.admin.base import address_of, go_on
from scenarios.admin.people import OrganizationAdmin
from scenarios.models import Organization

from ..readymade import add_default_rules


@admin.register(Organization)
class TellingOrganizationAdmin(OrganizationAdmin):
    actions_detail = ["add_ready_made"]

    def has_ready_made_permission(self, request, obj=None):
        """Ask for all that it may write: rules, briefs and approved wordings."""
        needed = ("scenarios.add_rule", "scenarios.add_prompttemplate", "notifications.change_variant")
        return self.has_view_permission(request) and request.user.has_perms(needed)

    @action(
        description=_("Add ready-made rules"),
        permissions=["ready_made"],
        icon="library_add",
        dialog={
            "title": _("Add the ready-made rules?"),
            "description": _(
                "After a first contact, after a long session, after a group activity, when a worry was noted, and after"
                " ten days without contact or activity; each with its message in English and Norwegian. Rules"
                " and texts are drafts: nobody gets a message until you approve the texts and turn the rules on. Once"
                " on, they take the place of shared rules for the same scenario here. The organisation's own rules and"
                " messages stay as they are."
            ),
            "form_class": None,
            "form_submit_text": _("Add them"),
        },
    )
    def add_ready_made(self, request, form, object_id):
        organization = get_object_or_404(Organization, pk=unquote(object_id))
        added = add_default_rules(organization, now=timezone.now(), by=request.user)
        if added:
            self.log_change(request, organization, str(_("Added ready-made rules.")))
            text = ngettext("%(count)d rule was added as a draft.", "%(count)d rules were added as drafts.", len(added))
            url = f"{reverse('admin:scenarios_rule_changelist')}?organization__id__exact={organization.pk}"
            link = format_html('{} <a class="text-link" href="{}">{}</a>', text % {"count": len(added)}, url, _("Show"))
            messages.success(request, link)
        else:
            messages.info(request, _("This organisation has all of them already; nothing was added."))
        return go_on(request, address_of("scenarios_organization", organization.pk))
