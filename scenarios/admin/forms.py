from datetime import time

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import timezone

NOON = time(12)


class MomentField(forms.SplitDateTimeField):
    """A day, and a time where somebody knows it: a day alone means now if it is today, and noon otherwise."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # The two parts are asked for one by one: only the day is needed.
        self.require_all_fields = False
        day, at = self.fields
        day.required, at.required = True, False
        day.error_messages["incomplete"] = self.error_messages["invalid_date"]

    def compress(self, data_list):
        if data_list and data_list[0] and data_list[1] in self.empty_values:
            now = timezone.localtime()
            data_list = [data_list[0], now.time() if data_list[0] == now.date() else NOON]
        return super().compress(data_list)


class ThoroughForm(forms.ModelForm):
    """A form that asks every constraint.

    Django skips a constraint as soon as one of its columns isn't on the form, such as the instant of a withdrawal:
    what the database then refuses would be a server error instead of a sentence.
    """

    def _post_clean(self):
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            try:
                self.instance.validate_constraints()
            except ValidationError as errors:
                self._update_errors(errors)

    def _update_errors(self, errors):
        """Show what is wrong with a part that isn't on the form at the top: Django would stumble over it."""
        if hasattr(errors, "error_dict"):
            for name in set(errors.error_dict) - {*self.fields, NON_FIELD_ERRORS}:
                errors.error_dict.setdefault(NON_FIELD_ERRORS, []).extend(errors.error_dict.pop(name))
        super()._update_errors(errors)  # type: ignore[misc]
