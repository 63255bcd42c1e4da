"""What a sign that names no maker (the NATO cross) says of the mark beside it: its row tells on which calibres it is
struck, and from when to when (rule R8.1 and the rows of the role "feature")."""

from __future__ import annotations

from vision.catalogue.calibres import same_case
from vision.catalogue.schema import Pattern

ANYONE = "ZZ"


def shares_calibre(sign: Pattern, pattern: Pattern) -> bool:
    """Whether a pattern was used in a calibre that the sign is struck on."""
    return bool(same_case(sign.calibres).intersection(pattern.calibres))


def out_of_place(sign: Pattern, pattern: Pattern) -> str | None:
    """Why a sign is not expected beside a pattern's mark, for people to read; None where nothing says so."""
    if sign.years_from is not None and pattern.years_to is not None and pattern.years_to < sign.years_from:
        return f"is struck from {sign.years_from} on, this mark was to {pattern.years_to}"
    if sign.years_to is not None and pattern.years_from is not None and pattern.years_from > sign.years_to:
        return f"was struck to {sign.years_to}, this mark is from {pattern.years_from} on"
    if sign.calibres and pattern.calibres and not shares_calibre(sign, pattern):
        return f"is struck on {', '.join(sign.calibres)}, this mark is known on none of them"
    return None
