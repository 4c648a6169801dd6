from typing import Any, cast

from django import forms
from django.forms.models import ModelFormMetaclass
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from .. import operations, triggers
from ..models import Rule
from ..models.rules import NEXT_STATES, RuleState
from ..triggers.base import WITHIN
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
    "delay_hours": _("Wait this many hours before telling"),
    "cooldown_days": _("Leave in peace for this many days afterwards"),
    "priority": _("Rank among the messages"),
    "state": _("State"),
}


class BaseRuleForm(ThoroughForm):
    change_reason = forms.CharField(
        label=_("Why did you change it?"),
        max_length=300,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("Whoever asks later why a mentor was told, or wasn't, will read this."),
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

    class Media:
        js = ["scenarios/rule_form.js"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        known = {slug: trigger for slug, trigger in triggers.registry.items() if not trigger.retired}
        if "threshold_days" in self.fields:
            self.fields["threshold_days"].help_text = threshold_hint()
            counting = [slug for slug, trigger in known.items() if trigger.needs_threshold]
            parameters.show_for(self.fields["threshold_days"], counting)
        if "judged" in self.fields:
            undecided = [slug for slug, trigger in known.items() if len(trigger.judged) > 1]
            parameters.show_for(self.fields["judged"], undecided)
            self.fields["judged"].required = False
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
        trigger_type = cleaned.get("trigger_type", "")
        if trigger_type in triggers.registry:
            self._clean_for(triggers.get(trigger_type))
        says_more = set(self.changed_data) - {"change_reason"}
        if self.asks_why and not self.instance._state.adding and says_more and not cleaned.get("change_reason"):
            self.add_error("change_reason", _("Say in a few words why you changed this rule."))
        return cleaned

    def _clean_for(self, trigger):
        """Keep what the chosen trigger asks for; what was filled in for another one is hidden, but still sent."""
        self.instance.parameters = parameters.read(self, trigger)
        if not trigger.needs_threshold:
            self.cleaned_data["threshold_days"] = None
        if len(trigger.judged) == 1:
            self.cleaned_data["judged"] = trigger.judged[0]
        elif not self.cleaned_data.get("judged"):
            self.add_error("judged", _("Choose when this rule looks."))

    def _update_errors(self, errors):
        # Each parameter has said beside its own field what is wrong with it.
        if hasattr(errors, "error_dict") and any(name.startswith("parameter_") for name in self.errors):
            errors.error_dict.pop("parameters", None)
        super()._update_errors(errors)


RuleForm = cast(type[BaseRuleForm], ModelFormMetaclass("RuleForm", (BaseRuleForm,), parameters.form_fields()))


def threshold_hint() -> str:
    """Say what the number of days means."""
    ahead = [str(trigger.label) for trigger in triggers.registry.values() if trigger.fires_when == WITHIN]
    return _(
        "For “%(ahead)s”: how many days ahead to look, such as 30. For the others: how many days count, such as 14."
    ) % {"ahead": "”, “".join(ahead)}
