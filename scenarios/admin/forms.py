from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError


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
