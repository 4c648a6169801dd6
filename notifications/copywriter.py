"""Fill the approved wording. Simple substitution from a closed list: nothing of what staff wrote is ever executed."""

import re
from collections.abc import Mapping
from string import Template

PLACEHOLDERS = ("first_name", "chapter", "organization", "days", "date", "certification")
# How other systems write a placeholder. A mentor would read it as it stands.
FOREIGN = re.compile(
    r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|\{[{%#][^\n]{0,30}|\}\}|%\}|\{(?:" + "|".join(PLACEHOLDERS) + r")\}",
    re.DOTALL,
)


def used_placeholders(text: str) -> list[str]:
    """Return the names of the placeholders in `text`, in order of appearance."""
    return Template(text).get_identifiers()


def unknown_placeholders(text: str) -> list[str]:
    """Return the placeholders of `text` that nothing fills, those of other systems too; a stray `$` is one of them."""
    unknown = [name for name in used_placeholders(text) if name not in PLACEHOLDERS]
    # `${days}` is one of ours.
    unknown += dict.fromkeys(found[:40] for found in FOREIGN.findall(re.sub(r"\$\{\w+\}", "", text)))
    return unknown if Template(text).is_valid() else [*unknown, "$"]


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with its placeholders replaced.

    Raises KeyError or ValueError when the text holds something that `values` doesn't: a raw placeholder must never
    reach a mentor.
    """
    return Template(text).substitute(values)
