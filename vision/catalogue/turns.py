"""What a mark reads as when the head is turned: rules R1.5 to R1.7.

A round case has no upright (R1.2), so a reading and its half turn are equally good until something else decides.
"""

from __future__ import annotations

# R1.5 digits, R1.7 letters (M/W, S, H, I, O, X, N, Z), R1.6 Arabic-Indic seven and eight.
_HALF = str.maketrans("0168969HIOXSNZMWun٠١٧٨", "0198696HIOXSNZWMnu٠١٨٧")
_TURNS = frozenset("01689HIOXSNZMWun٠١٧٨")
# Characters that nobody tells from what they are upside down by their shape alone: what a reader is taught both ways.
LOOKS_TURNED = dict(zip("0OoIl8XxHNZzSs69.-+", "0OoIl8XxHNZzSs96.-+", strict=True))


def half_turn(text: str) -> str | None:
    """What text reads as upside down, or None when a character has no reading that way.

    >>> half_turn("61"), half_turn("811"), half_turn("9121")
    ('19', '118', None)
    """
    if not text or not all(character in _TURNS for character in text):
        return None
    return text.translate(_HALF)[::-1]
