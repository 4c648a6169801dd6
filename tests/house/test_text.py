"""Text of every language is kept as it was meant; what can't be seen is refused, wherever it is written."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.api.text import BLANK, Unwritable, clean_address, clean_line, clean_text, is_visible, tidied_line

ANYTHING = st.text(alphabet=st.characters(exclude_categories=[]))
HIDDEN = [
    *("\n", "\r", "\t", "\x00", "\x01", "\x7f", "\x85", "\u2028", "\u2029", "\u200b", "\u202e", "\u2066", "\ufeff"),
    *("\u061c", "\u00ad", "\u180e", "\u034f", "\u115f", "\u1160", "\u2800", "\u3164", "\uffa0", "\ufffc", "\uffff"),
    *("\U000e0041", "\u200e", "\u2060", "\ud800", "\ue000", "\u0378"),
]
LINES = [
    *("Kari O'Brien-Ødegård", "Čáhppesaš Ánde", "محمد العربي", "Олена Шевченко", "D’Artagnan", "می\u200cخواهم", "क्‍ष"),
    *("Vi savner deg ❤️", "Bravo 👩‍👩‍👧 🏳️‍🌈", "1–2 timer, 50 %", "Møte: «hei»", "日本語", "🫩 trøtt"),
]


@pytest.mark.parametrize("sign", HIDDEN, ids=ascii)
def test_a_line_has_nothing_that_cannot_be_seen(sign):
    with pytest.raises(Unwritable) as refusal:
        clean_line(f"Os{sign}lo")
    assert f"U+{ord(sign):04X}" in str(refusal.value)


@pytest.mark.parametrize("line", LINES)
def test_lines_of_every_language_stay_as_they_are(line):
    assert clean_line(line) == clean_text(line) == line


def test_a_joiner_between_letters_that_are_never_joined_is_refused():
    with pytest.raises(Unwritable):
        clean_line("Ka\u200dri")


def test_one_name_written_in_two_ways_is_one():
    assert clean_line("Ålesund") == clean_line(unicodedata.normalize("NFD", " Ålesund ")) == "Ålesund"


@pytest.mark.parametrize("text", ["", " ", "\u3000", "\u200d", "\u200b\ufeff", "\u0301", "\u200e", "\u00ad"], ids=ascii)
def test_a_text_of_which_nothing_can_be_seen_is_empty(text):
    assert clean_text(text) == ""


def test_a_text_has_lines_and_words_of_both_directions():
    assert clean_text("Hei!\r\n\tTo\x0bTre\u2028Fire\u200b\r\n") == "Hei!\n\tTo\nTre\nFire"
    assert clean_text("Møt \u200fמשה\u200f i sam\u00adtalen") == "Møt \u200fמשה\u200f i sam\u00adtalen"


@pytest.mark.parametrize(
    "sign", ["\x00", "\x01", "\x7f", "\u202e", "\u2066", "\uffff", "\U000e0041", "\ue000"], ids=ascii
)
def test_a_text_is_turned_around_by_nothing_and_hides_nothing(sign):
    with pytest.raises(Unwritable):
        clean_text(f"a{sign}b")


@pytest.mark.parametrize("clean", [clean_line, clean_text])
@given(ANYTHING)
def test_what_is_kept_is_kept_as_it_is_the_next_time(clean, text):
    try:
        kept = clean(text)
    except Unwritable:
        return
    assert clean(kept) == kept == unicodedata.normalize("NFC", kept)
    assert kept == "" or is_visible(kept)
    assert not set(kept) & BLANK
    kept.encode()


@given(ANYTHING)
def test_what_was_stored_before_becomes_a_line_that_may_be_kept(text):
    tidied = tidied_line(text)
    assert clean_line(tidied) in (tidied, "")


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("kari@example.org", "kari@example.org"),
        (" Kari.O'Brien+x@Example.ORG", "Kari.O'Brien+x@example.org"),
        ("post@blåbær.no", "post@xn--blbr-roah.no"),
    ],
)
def test_an_address_is_kept_with_its_domain_in_ascii(address, kept):
    assert clean_address(address) == kept


@pytest.mark.parametrize("address", ["a@localhost", "a@[127.0.0.1]", "ø@example.org", "a@straße.de", "a@..no", "a@.no"])
def test_an_address_that_reaches_nobody_is_refused(address):
    with pytest.raises(ValueError, match=r"\."):
        clean_address(address)
