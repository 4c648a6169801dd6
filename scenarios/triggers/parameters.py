"""The typed parameters of trigger types, validated in one place for the admin form, the API and imports."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from config.api.text import clean_line

from ..text import cleaned

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as Text

MOST_WORDS = 50
LONGEST_WORD = 50
LARGEST_NUMBER = 1_000_000


@dataclass(frozen=True)
class Parameter:
    """One thing that a rule can say. `default` None without `required` means: not asked for."""

    label: "Text"
    help_text: "Text" = ""
    default: Any = None
    required: bool = False

    def clean(self, value: Any) -> Any:
        """Return the value in its own type, or the default. Raise ValidationError in staff's words."""
        if value is None or value in ("", [], ()):
            if self.required and self.default is None:
                raise ValidationError(_("Please fill this in."))
            return self.default
        return self.typed(value)

    def typed(self, value: Any) -> Any:
        raise NotImplementedError

    def meets(self, one: Any, other: Any) -> bool:
        """Return whether something can be as two rules ask for; a list asks for any of its words."""
        if isinstance(one, tuple) and isinstance(other, tuple):
            return not one or not other or not set(one).isdisjoint(other)
        return True

    def form_field(self) -> forms.Field:
        """Return the field that staff fill in."""
        raise NotImplementedError

    def _field(self, kind: type[forms.Field], **options) -> forms.Field:
        needed = self.required and self.default is None
        return kind(label=self.label, help_text=self.help_text, required=needed, initial=self.default, **options)


@dataclass(frozen=True)
class Whole(Parameter):
    """A whole number from `least` to `most`, both included."""

    least: int = 0
    most: int = 1_000_000

    def typed(self, value):
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError(_("Enter a whole number."))
        if not self.least <= value <= self.most:
            raise ValidationError(
                _("Enter a number from %(least)d to %(most)d.") % {"least": self.least, "most": self.most}
            )
        return value

    def form_field(self):
        return self._field(forms.IntegerField, min_value=self.least, max_value=self.most)


@dataclass(frozen=True)
class Words(Parameter):
    """Some short words, such as kinds of activity; kept as a tuple in the order given."""

    def typed(self, value):
        if not isinstance(value, list | tuple) or not all(isinstance(word, str) for word in value):
            raise ValidationError(_("Enter a list of words."))
        words = tuple(dict.fromkeys(word for word in (cleaned(word, clean_line) for word in value) if word))
        if len(words) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in words):
            raise ValidationError(
                _("At most %(words)d words of at most %(length)d letters.")
                % {"words": MOST_WORDS, "length": LONGEST_WORD}
            )
        return words or self.default

    def form_field(self):
        return self._field(WordsField)


@dataclass(frozen=True)
class Numbers(Parameter):
    """Some whole numbers of at least 1; kept as a tuple, smallest first."""

    def typed(self, value):
        if not isinstance(value, list | tuple) or not all(type(number) is int for number in value):
            raise ValidationError(_("Enter a list of whole numbers."))
        if len(value) > MOST_WORDS or not all(1 <= number <= LARGEST_NUMBER for number in value):
            raise ValidationError(
                _("At most %(words)d numbers from 1 to %(largest)d.") % {"words": MOST_WORDS, "largest": LARGEST_NUMBER}
            )
        return tuple(sorted(set(value)))

    def form_field(self):
        return self._field(NumbersField)


@dataclass(frozen=True)
class Choice(Parameter):
    """One of a few words; `choices` are (word, label) pairs."""

    choices: "tuple[tuple[str, Text], ...]" = ()

    def typed(self, value):
        known = [word for word, _label in self.choices]
        if value not in known:
            raise ValidationError(_("Choose one of: %(known)s.") % {"known": ", ".join(known)})
        return value

    def form_field(self):
        return self._field(forms.ChoiceField, choices=self.choices)


@dataclass(frozen=True)
class YesNo(Parameter):
    default: Any = False

    def typed(self, value):
        if not isinstance(value, bool):
            raise ValidationError(_("Say yes or no."))
        return value

    def form_field(self):
        return self._field(forms.BooleanField)


class WordsField(forms.CharField):
    """Words as staff type them: separated by commas."""

    def prepare_value(self, value):
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value):
        return [word.strip() for word in (super().to_python(value) or "").split(",") if word.strip()]

    def validate(self, value):
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value):
        """Lists have no length in letters; the parameter's own check follows."""


class NumbersField(WordsField):
    """Whole numbers as staff type them: separated by commas."""

    def to_python(self, value):
        try:
            return [int(word) for word in super().to_python(value)]
        except ValueError as error:
            raise ValidationError(_("Enter whole numbers, separated by commas.")) from error
