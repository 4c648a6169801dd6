"""Fields for what a rule can say beyond its number of days, drawn from the typed parameters of the trigger types."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from .. import triggers
from ..triggers import Trigger
from ..triggers.parameters import Parameter


def _names() -> dict[int, tuple[str, Parameter, list[str]]]:
    """Return field name, parameter and triggers of each parameter; types that share a parameter share its field."""
    found: dict[int, tuple[str, Parameter, list[str]]] = {}
    taken: set[str] = set()
    for slug, trigger in sorted(triggers.registry.items()):
        for name, parameter in trigger.parameters.items():
            if id(parameter) not in found:
                field = f"parameter_{name}" if name not in taken else f"parameter_{slug}_{name}"
                taken.add(name)
                found[id(parameter)] = (field, parameter, [])
            found[id(parameter)][2].append(slug)
    return found


NAMES = _names()
# The fields of all parameters of all triggers.
NAMED = frozenset(name for name, _parameter, _slugs in NAMES.values())


def form_fields() -> dict[str, forms.Field]:
    return {name: _form_field(parameter, slugs) for name, parameter, slugs in NAMES.values()}


def _form_field(parameter: Parameter, slugs: list[str]) -> forms.Field:
    field = parameter.form_field()
    match field:
        case forms.BooleanField():
            field.widget = widgets.UnfoldBooleanSwitchWidget()
        case forms.ChoiceField():
            field.widget = widgets.UnfoldAdminSelectWidget(choices=field.choices)
        case forms.IntegerField():
            field.widget = widgets.UnfoldAdminIntegerFieldWidget(attrs=field.widget_attrs(forms.NumberInput()))
        case _:
            field.widget = widgets.UnfoldAdminTextInputWidget()
    field.label = capfirst(parameter.label)
    # As the field itself would read it back: a tuple that comes back as a list would look like a change.
    field.initial = field.to_python(field.prepare_value(field.initial))
    show_for(field, slugs)
    return field


def show_for(field: forms.Field, slugs: list[str]) -> None:
    """Say for which triggers a field is shown; the script of the form reads it."""
    field.widget.attrs["data-triggers"] = " ".join(slugs)


def field_names(trigger: Trigger) -> dict[str, str]:
    """Return the field of each of a trigger's parameters."""
    return {name: NAMES[id(parameter)][0] for name, parameter in trigger.parameters.items()}


def read(form: forms.BaseForm, trigger: Trigger) -> dict:
    """Return the parameters as they were filled in, and put what is wrong with one beside its field."""
    given = {}
    for name, field in field_names(trigger).items():
        value = form.cleaned_data.get(field)
        if field not in form.errors:
            try:
                trigger.parameters[name].clean(value)
            except ValidationError as error:
                form.add_error(field, error)
        if value not in (None, "", []) and value != form.fields[field].initial:
            given[name] = value
    return given


def in_words(terms) -> str:
    """Return a rule's parameters as a person reads them; empty where it has none."""
    if terms.trigger_type not in triggers.registry:
        return ""
    known = terms.trigger.parameters
    said = [(known[name], value) for name, value in (terms.parameters or {}).items() if name in known]
    return "; ".join(f"{parameter.label}: {_value(parameter, value)}" for parameter, value in said)


def _value(parameter: Parameter, value) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(dict(getattr(parameter, "choices", ())).get(value, value))
