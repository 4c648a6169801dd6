"""What people and programs may write: one definition for pages, API, imports and commands. Pure functions.

Letters of every language pass, and so do emoji. What can't be seen doesn't: it makes two names of one, hides a second
message in a text, or turns a line around.
"""

import re
import unicodedata

from django.utils.translation import gettext as _

# Unicode calls these letters, marks or symbols, and nothing of them can be seen.
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2800\u3164\uffa0\ufffc")
NON_JOINER, JOINER = "\u200c\u200d"
LOOKS = range(0xFE00, 0xFE10)  # ask for a sign as a picture, or as text: ❤ becomes ❤️
# Left-to-right, right-to-left and Arabic letter marks: texts of both directions need them. They turn nothing around.
MARKS = frozenset("\u200e\u200f\u061c")
SOFT_HYPHEN = "\u00ad"
# Zero width space, word joiner, byte order mark: they come along with what is copied from a web page.
COPIED_ALONG = re.compile("[\u200b\u2060\ufeff]")
LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# What Python's table may not know yet, and telephones do.
NEW_EMOJI = range(0x1F000, 0x1FB00)
JOINED_NEVER = ("LATIN", "GREEK", "CYRILLIC")


class Unwritable(ValueError):
    """A character that can't be used; the message may be shown."""

    def __init__(self, character: str, *, of_a_line: bool):
        code = f"U+{ord(character):04X}"
        sentence = _("Line breaks, control characters and invisible characters can't be used (%(code)s).")
        if not of_a_line:
            sentence = _("Control characters and invisible characters can't be used (%(code)s).")
        super().__init__(sentence % {"code": code})


def clean_line(text: str) -> str:
    """Return text of one line as it is kept: composed (NFC), without blanks around it. Raises Unwritable."""
    return _clean(text, of_a_line=True)


def clean_text(text: str) -> str:
    """Return text of several lines as it is kept, with `\\n` between them. Raises Unwritable."""
    return _clean(COPIED_ALONG.sub("", LINE_ENDS.sub("\n", text)), of_a_line=False)


def _clean(text: str, *, of_a_line: bool) -> str:
    text = unicodedata.normalize("NFC", text).strip()
    if not is_visible(text):
        return ""
    for place, character in enumerate(text):
        if not _may_stand(text, place, of_a_line=of_a_line):
            raise Unwritable(character, of_a_line=of_a_line)
    return text


def _may_stand(text: str, place: int, *, of_a_line: bool) -> bool:
    character = text[place]
    if character.isascii():
        return character.isprintable() or (not of_a_line and character in "\n\t")
    if character in BLANK:
        return False
    if character in (NON_JOINER, JOINER):
        return _joins(text, place)
    if not of_a_line and (character in MARKS or character == SOFT_HYPHEN):
        return True
    category = unicodedata.category(character)
    if category == "Cn":
        return ord(character) in NEW_EMOJI
    return category[0] != "C" and category not in ("Zl", "Zp")


def _joins(text: str, place: int) -> bool:
    """Tell whether a joiner stands between signs that are joined: those of an emoji, of Persian, of Hindi."""
    around = text[place - 1 : place] if place else "", text[place + 1 : place + 2]
    return all(map(_is_joined, around))


def _is_joined(character: str) -> bool:
    if not character:
        return False
    if ord(character) in NEW_EMOJI:
        return True
    known = unicodedata.category(character)[0] in "LM" or unicodedata.category(character) in ("So", "Sk")
    return known and not unicodedata.name(character, "").startswith(JOINED_NEVER)


def is_visible(text: str) -> bool:
    """Tell whether anything of a text can be seen."""
    return any(
        ord(character) in NEW_EMOJI or (unicodedata.category(character)[0] not in "ZCM" and character not in BLANK)
        for character in text
    )


def tidied_line(text: str) -> str:
    """Return the nearest line that may be kept, for what was stored before anybody looked."""
    line = unicodedata.normalize("NFC", " ".join(COPIED_ALONG.sub("", text).split()))
    while True:
        wrong = {line[place] for place in range(len(line)) if not _may_stand(line, place, of_a_line=True)}
        if not wrong:
            return line.strip()
        line = unicodedata.normalize("NFC", " ".join("".join(c for c in line if c not in wrong).split()))


# E-mail addresses

DOMAIN_LETTERS_READ_TWO_WAYS = re.compile("[\u00df\u03c2\u200c\u200d]")


def clean_address(address: str) -> str:
    """Return an e-mail address as it is kept: its domain in ASCII and lower case. Raise ValueError with a sentence.

    Whether it is an address is the validator's matter; a domain with letters of a language becomes its ASCII form.
    """
    local, at, domain = address.strip().rpartition("@")
    if not at:
        return address.strip()
    if domain.startswith("[") or "." not in domain.strip("."):
        raise ValueError(_("Use an address with a domain, such as kari@example.org."))
    if not local.isascii():
        raise ValueError(_("Before the @ only letters from a to z, digits and signs can be used."))
    if not domain.isascii() and DOMAIN_LETTERS_READ_TWO_WAYS.search(domain):
        raise ValueError(_("Write the domain of this address in its ASCII form, such as xn--strae-oqa.de."))
    try:
        return f"{local}@{domain.encode('idna').decode('ascii').lower()}"
    except UnicodeError:
        raise ValueError(_("This domain doesn't exist.")) from None
