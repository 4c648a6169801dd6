"""Fill the approved wording. Simple substitution from a closed list: nothing of what staff wrote is ever executed."""

import re
from string import Template

PLACEHOLDERS = ("first_name", "chapter", "organization", "days", "date", "certification")

_placeholder = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?")


def unknown_placeholders(text: str) -> list[str]:
    """Return the placeholders of `text` that nothing fills, in order of appearance."""
    names = dict.fromkeys(_placeholder.findall(text.replace("$$", "")))
    return [name for name in names if name not in PLACEHOLDERS]


def fill(text: str, values: dict[str, str]) -> str:
    """Return `text` with its placeholders replaced; every name of PLACEHOLDERS must be in `values`.

    Raises KeyError or ValueError when the text was never checked and holds something else: a raw placeholder must
    never reach a mentor.
    """
    return Template(text).substitute(values)
