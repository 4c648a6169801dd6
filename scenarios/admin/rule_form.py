from typing import Any, cast

from django import forms
from django.forms.models import ModelFormMetaclass
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from .. import operations, triggers
from ..models import Rule
from ..models.rules import NEXT_STATES, RuleState
from ..text import LineFormField
from . import parameters
from .forms import ThoroughForm

LABELS = {
    "name": _("Name of the rule"),
    "organization": _("Organisation"),
    "chapter": _("Chapter"),
    "trigger_type": _("What it looks for"),
    "judged": _("When it looks"),
    "threshold_days": _("Number of days"),
    "prompt_template": _("Message"),
    "delay_hours": _("Wait this many hours before sending"),
    "cooldown_days": _("Days between two of these messages"),
    "priority": _("Priority (1 goes first)"),
    "scenario_id": _("Scenario"),
    "state": _("State"),
}

HELP_TEXTS = {
    "scenario_id": _(
        "Leave it empty: it is made from the name. Fill in the scenario of a wider rule to let this rule replace it for"
        " its organisation or chapter."
    ),
    "delay_hours": _("0: at once."),
    "cooldown_days": _("A mentor gets this message again after this many days at the earliest."),
    "priority": _("A mentor gets one message at a time: that of the rule with the smallest number."),
}


class BaseRuleForm(ThoroughForm):
    change_reason = LineFormField(
        label=_("Reason for this change"),
        max_length=300,
        error_messages={"required": _("Say in a few words why you changed this rule.")},
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("Whoever asks later why a mentor got a message, or didn't, will read this."),
    )

    # Whoever only asks what would happen need not say why.
    asks_why = True

    class Meta:
        model = Rule
        fields = [
            *("name", "scenario_id", "state", "trigger_type", "threshold_days", "judged", "organization", "chapter"),
            *("prompt_template", "delay_hours", "cooldown_days", "priority"),
        ]
        labels = LABELS
        help_texts = HELP_TEXTS
        error_messages = {"scenario_id": {"invalid": _("Use only the letters a to z, digits, - and _.")}}

    class Media:
        js = ["scenarios/rule_form.js"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        known = {slug: trigger for slug, trigger in triggers.registry.items() if not trigger.retired}
        if "scenario_id" in self.fields:
            self.fields["scenario_id"].required = False
        if "threshold_days" in self.fields:
            self.fields["threshold_days"].help_text = threshold_hint()
            self.fields["threshold_days"].required = True
            counting = [slug for slug, trigger in known.items() if trigger.needs_threshold]
            parameters.show_for(self.fields["threshold_days"], counting)
        if "judged" in self.fields:
            undecided = [slug for slug, trigger in known.items() if len(trigger.judged) > 1]
            parameters.show_for(self.fields["judged"], undecided)
        if self.instance.trigger_type in triggers.registry:
            given = self.instance.parameters or {}
            for name, field in parameters.field_names(self.instance.trigger).items():
                if name in given:
                    self.initial[field] = given[name]
        if "state" in self.fields:
            cast(forms.ChoiceField, self.fields["state"]).choices = self._states()
        if restored := getattr(self.instance, "restored_from", None):
            self.initial["change_reason"] = _("As in version %(number)d again.") % {"number": restored.number}

    def _states(self) -> list:
        """Return the present state and those that staff may choose next; an earlier version may bring any back."""
        if self.instance._state.adding:
            offered = NEXT_STATES[""]
        elif self.restoring:
            offered = tuple(RuleState)
        else:
            offered = (self.instance.state, *NEXT_STATES[self.instance.state])
        return [choice for choice in RuleState.choices if choice[0] in offered]

    @property
    def restoring(self) -> bool:
        return hasattr(self.instance, "restored_from")

    def _post_clean(self):
        # The present state, before what was filled in takes its place.
        was = "" if self.instance._state.adding else self.instance.state
        super()._post_clean()
        if self.errors or not self.asks_why:
            return
        if why := operations.refusal(self.instance, was=was, restoring=self.restoring):
            self.add_error("state" if "state" in self.fields else None, why)

    def clean(self):
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        chapter = cleaned.get("chapter")
        if chapter and not cleaned.get("organization"):
            cleaned["organization"] = chapter.organization
        self._clean_for(triggers.registry.get(cleaned.get("trigger_type", "")))
        if "scenario_id" in self.fields and not cleaned.get("scenario_id") and "scenario_id" not in self.errors:
            cleaned["scenario_id"] = operations.new_scenario_id(cleaned.get("name", ""))
        says_more = set(self.changed_data) - {"change_reason"}
        if not self.asks_why or self.instance._state.adding or not says_more:
            self.errors.pop("change_reason", None)
        return cleaned

    def _clean_for(self, trigger: triggers.Trigger | None):
        """Keep what the chosen trigger asks for; what was filled in for another one is hidden, but still sent."""
        asked = set(parameters.field_names(trigger).values()) if trigger else set()
        if trigger and trigger.needs_threshold:
            asked.add("threshold_days")
        else:
            self.cleaned_data["threshold_days"] = None
        if trigger and len(trigger.judged) > 1:
            asked.add("judged")
        elif trigger:
            self.cleaned_data["judged"] = trigger.judged[0]
        for name in {*parameters.NAMED, "threshold_days", "judged"} - asked:
            self.errors.pop(name, None)
        if trigger:
            self.instance.parameters = parameters.read(self, trigger)

    def _update_errors(self, errors):
        # Each parameter has said beside its own field what is wrong with it.
        if hasattr(errors, "error_dict") and any(name.startswith("parameter_") for name in self.errors):
            errors.error_dict.pop("parameters", None)
        super()._update_errors(errors)


RuleForm = cast(type[BaseRuleForm], ModelFormMetaclass("RuleForm", (BaseRuleForm,), parameters.form_fields()))


def threshold_hint() -> str:
    """Say for each trigger what the number of days means; the script of the form shows the chosen one's."""
    hints: dict[str, list[str]] = {}
    for slug, trigger in triggers.registry.items():
        if trigger.needs_threshold and not trigger.retired:
            hints.setdefault(str(trigger.threshold_hint), []).append(slug)
    rows = [
        (" ".join(slugs), ", ".join(str(triggers.get(slug).label) for slug in slugs), hint)
        for hint, slugs in hints.items()
    ]
    return format_html_join("", '<span class="block" data-hint-for="{}" title="{}">{}</span>', rows)
