"""How the admin looks and is laid out: the sections of the sidebar, in the words of those who work with it."""

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def page(title, icon: str, model: str) -> dict:
    """Return a sidebar entry for a model's list, shown to those who may see it."""
    app, name = model.split(".")
    permission = f"{app}.view_{name}"
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{name}_changelist"),
        "permission": lambda request: request.user.has_perm(permission),
    }


def section(title, *items, closed: bool = False) -> dict:
    return {"title": title, "separator": True, "collapsible": closed, "items": list(items)}


def may_set_time(request) -> bool:
    return request.user.has_perm("django_celery_beat.change_periodictask")


def environment(request):
    """Label every place that isn't the real one, so that nobody mistakes a trial for it."""
    return None if settings.PRODUCTION else [_("Trial"), "warning"]


def run_list_is_open(request) -> bool:
    """Tell the runs from the daily time, whose address begins alike."""
    return request.path.startswith(str(reverse_lazy("admin:scheduler_run_changelist"))) and not request.path.endswith(
        "/daily/"
    )


def organization_list_is_open(request) -> bool:
    """Tell the organisations from the switch for all of them, likewise."""
    begins = str(reverse_lazy("admin:scenarios_organization_changelist"))
    return request.path.startswith(begins) and not request.path.endswith("/switch/")


NAVIGATION = [
    {
        "items": [
            {"title": _("Today"), "icon": "today", "link": reverse_lazy("admin:index")},
            page(_("Peer mentors"), "group", "scenarios.peermentor"),
            {**page(_("Runs"), "play_circle", "scheduler.run"), "active": run_list_is_open},
            page(_("Decisions"), "fact_check", "scenarios.decision"),
            page(_("Messages"), "mail", "notifications.notification"),
        ],
    },
    section(
        _("What is said, and when"),
        page(_("Rules"), "rule", "scenarios.rule"),
        page(_("Message briefs"), "edit_note", "scenarios.prompttemplate"),
        page(_("Wordings"), "chat", "notifications.variant"),
        {
            "title": _("Daily run"),
            "icon": "schedule",
            "link": reverse_lazy("admin:scheduler_run_daily"),
            "permission": may_set_time,
        },
        {
            "title": _("All messages on or off"),
            "icon": "power_settings_new",
            "link": reverse_lazy("admin:scenarios_organization_switch"),
            "permission": lambda request: request.user.has_perm("scenarios.view_switch"),
        },
    ),
    section(
        _("Organisation"),
        {**page(_("Organisations"), "apartment", "scenarios.organization"), "active": organization_list_is_open},
        page(_("Chapters"), "location_on", "scenarios.chapter"),
        page(_("Channels"), "forward_to_inbox", "notifications.channelsetting"),
    ),
    section(
        _("What is known of mentors"),
        page(_("Activities"), "event_available", "scenarios.activity"),
        page(_("Certifications"), "workspace_premium", "scenarios.certification"),
        page(_("Pauses"), "pause_circle", "scenarios.pause"),
        page(_("Opt-outs"), "notifications_off", "scenarios.optout"),
        page(_("Conversations"), "call", "scenarios.humancontact"),
        page(_("Memberships"), "badge", "scenarios.membership"),
        page(_("Contacts"), "contacts", "notifications.contact"),
        closed=True,
    ),
    section(
        _("Records"),
        page(_("Rule versions"), "history", "scenarios.ruleversion"),
        page(_("Evaluations"), "quiz", "scenarios.evaluation"),
        page(_("Clearances"), "verified", "scenarios.clearance"),
        page(_("Batches"), "splitscreen", "scheduler.batch"),
        page(_("Questions"), "help", "scheduler.job"),
        page(_("Incidents"), "report", "scheduler.incident"),
        page(_("Notices to operators"), "campaign", "scheduler.notice"),
        page(_("Heartbeats"), "monitor_heart", "scheduler.heartbeat"),
        closed=True,
    ),
    section(
        _("Who may come in"),
        page(_("Staff"), "person", "auth.user"),
        page(_("Groups"), "groups", "auth.group"),
        page(_("Staff scopes"), "visibility", "scenarios.staffscope"),
        closed=True,
    ),
]


UNFOLD = {
    "SITE_TITLE": "Peerwell",
    "SITE_HEADER": "Peerwell",
    "SITE_SUBHEADER": _("Follow-up of peer mentors"),
    "SITE_SYMBOL": "diversity_1",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("peerwell/favicon.svg")},
    ],
    "STYLES": [lambda request: static("peerwell/admin.css")],
    "SHOW_BACK_BUTTON": True,
    "SHOW_VIEW_ON_SITE": False,
    "ENVIRONMENT": "config.unfold.environment",
    "DASHBOARD_CALLBACK": "config.glance.today",
    "SIDEBAR": {"navigation": NAVIGATION},
    # A calm teal that keeps 4.5 to 1 against white as text and as a button.
    "COLORS": {
        "primary": {
            "50": "#f0fdfa",
            "100": "#ccfbf1",
            "200": "#99f6e4",
            "300": "#5eead4",
            "400": "#2dd4bf",
            "500": "#14b8a6",
            "600": "#0f766e",
            "700": "#115e59",
            "800": "#134e4a",
            "900": "#042f2e",
            "950": "#042f2e",
        },
    },
}
