"""Invented people: common first names and surnames, thrown together. All mail goes to example.org, which takes none."""

import unicodedata
from random import Random


def _names(text: str) -> list[str]:
    return text.split()


NORWEGIAN_FIRST = _names("""
    Anne Arne Astrid Berit Bjørn Eirik Eli Erik Eva Finn Frode Geir Grete Gunnar Hanne Harald Heidi Helge Hilde
    Inger Ingrid Ivar Jan Jorunn Kari Kirsten Kjell Knut Lars Lise Liv Magnus Marit Mette Morten Nina Odd Ola Per
    Ragnhild Randi Rolf Sigrid Silje Siv Solveig Stein Svein Terje Tone Tor Torunn Trond Turid Unni Vidar Wenche
    Øystein Åse Åshild
""")
NORWEGIAN_LAST = _names("""
    Aas Bakken Berg Berge Bråten Dahl Dale Eide Fjeld Foss Gran Hagen Haug Haugen Hauge Holm Iversen Jensen
    Knutsen Lie Lien Lund Lunde Løken Moe Moen Myhre Myklebust Nes Ness Nilsen Nygård Næss Rønning Sandvik Solberg
    Solheim Strand Strøm Sunde Sæther Tangen Tveit Vik Viken Voll Øien Ødegård
""")
AMERICAN_FIRST = _names("""
    Alice Andre Barbara Carlos Carol Cheryl Daniel Denise Diane Earl Elena Frank Gloria Grace Harold Irene James
    Janet Jerome Joyce Karen Kevin Leon Linda Luis Maria Martin Nancy Olivia Pamela Paul Rosa Ruth Samuel Sharon
    Stella Teresa Victor Walter Yolanda
""")
AMERICAN_LAST = _names("""
    Adams Bailey Barnes Bell Brooks Bryant Carter Coleman Cooper Cruz Diaz Ellis Fisher Flores Foster Gray Griffin
    Hayes Henderson Howard Hughes Jenkins Jordan Kelly Long Morgan Murphy Ortiz Patterson Perry Powell Price Ramos
    Reed Rivera Russell Sanders Simmons Torres Ward
""")


def invent_name(dice: Random, american: bool) -> str:
    first, last = (AMERICAN_FIRST, AMERICAN_LAST) if american else (NORWEGIAN_FIRST, NORWEGIAN_LAST)
    return f"{dice.choice(first)} {dice.choice(last)}"


def invent_email(name: str, number: int) -> str:
    """Return an address that resembles the name and is unique by the number."""
    spelled = name.lower().replace("ø", "o").replace("æ", "ae").replace(" ", ".")
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return f"{plain}.{number}@example.org"
