"""What a mark reads as when the head is turned: rules R1.5 to R1.8.

A round case has no upright (R1.2), so a reading and its half turn are equally good until something else decides.
"""

from __future__ import annotations

from collections.abc import Container

# R1.5 digits, R1.7 letters (M/W, S, H, I, O, X, N, Z), R1.6 Arabic-Indic seven and eight.
_HALF = str.maketrans("0168969HIOXSNZMWun٠١٧٨", "0198696HIOXSNZWMnu٠١٨٧")
_TURNS = frozenset("01689HIOXSNZMWun٠١٧٨")
# Characters that nobody tells from what they are upside down by their shape alone: what a reader is taught both ways.
LOOKS_TURNED = dict(zip("0OoIl8XxHNZzSs69.-+", "0OoIl8XxHNZzSs96.-+", strict=True))
# R1.5: pairs that are mixed up by the order in which their digits are read.
_BY_ORDER = {"04": "40", "40": "04", "05": "50", "50": "05"}


def half_turn(text: str) -> str | None:
    """What text reads as upside down, or None when a character has no reading that way.

    >>> half_turn("61"), half_turn("811"), half_turn("9121")
    ('19', '118', None)
    """
    if not text or not all(character in _TURNS for character in text):
        return None
    return text.translate(_HALF)[::-1]


def alternatives(text: str) -> tuple[str, ...]:
    """Other texts the same metal can be read as: the half turn, and the pairs that order mixes up (R1.5, R1.6)."""
    found = (half_turn(text), _BY_ORDER.get(text))
    return tuple(dict.fromkeys(other for other in found if other is not None and other != text))


def plant_and_year(top: str, bottom: str, plants: Container[str]) -> tuple[tuple[str, str], ...]:
    """R1.8: which of two numbers is the plant and which the year, as (plant, year) pairs, 12 o'clock first.

    Args:
        top: the number at 12 o'clock; bottom: the one at 6 o'clock.
        plants: the plant numbers in use.

    Returns:
        Both ways round when both numbers fit both roles (71/81), else the one that fits; empty when none does.
    """
    pairs = ((top, bottom), (bottom, top))
    return tuple((plant, year) for plant, year in pairs if plant in plants and len(year) == 2 and year.isdecimal())
