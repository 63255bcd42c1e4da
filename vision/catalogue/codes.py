"""Codes with rules of their own: check digits of bar codes, containers, waybills and substances, and who issues them.

A code whose check digit does not hold was misread or is none: it decodes to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from vision.catalogue.packaging import CodeCountry, Scheme

# ISO 6346: letters stand for 10, 12, 13 ... without the multiples of 11.
_LETTERS = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (n for n in range(10, 39) if n % 11), strict=True))


def gtin_holds(digits: str) -> bool:
    """Whether the check digit of a GTIN of 8, 12, 13 or 14 digits holds.

    >>> gtin_holds("4006381333931"), gtin_holds("4006381333932")
    (True, False)
    """
    if len(digits) not in (8, 12, 13, 14) or not (digits.isascii() and digits.isdecimal()):
        return False
    weighted = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(reversed(digits)))
    return weighted % 10 == 0


def container_holds(text: str) -> bool:
    """Whether the check digit of a freight container's number (ISO 6346) holds; blanks and hyphens do not count.

    >>> container_holds("CSQU 305438-3"), container_holds("CSQU3054384")
    (True, False)
    """
    code = "".join(c for c in text if c.isalnum())
    if len(code) != 11 or not all(c in _LETTERS for c in code[:4]) or not code[4:].isdecimal():
        return False
    values = [_LETTERS[c] if c in _LETTERS else int(c) for c in code[:10]]
    return sum(v << i for i, v in enumerate(values)) % 11 % 10 == int(code[10])


def waybill_holds(text: str) -> bool:
    """Whether the check digit of an air waybill's number (airline, hyphen, eight digits) holds: seven modulo seven.

    >>> waybill_holds("123-12345675"), waybill_holds("123-12345674")
    (True, False)
    """
    number = text.partition("-")[2]
    return len(number) == 8 and number.isdecimal() and int(number[:7]) % 7 == int(number[7])


def cas_holds(text: str) -> bool:
    """Whether the check digit of a substance's CAS number holds.

    >>> cas_holds("6484-52-2"), cas_holds("6484-52-3")
    (True, False)
    """
    digits = text.replace("-", "")
    if len(digits) < 5 or not digits.isdecimal():
        return False
    return sum(i * int(d) for i, d in enumerate(reversed(digits[:-1]), start=1)) % 10 == int(digits[-1])


def issuer(scheme: Scheme, code: str, table: Iterable[CodeCountry]) -> CodeCountry | None:
    """Who issues a code of a scheme, by its first digits; None where the table does not say."""
    figures = {"ncb": 2, "gs1": 3}[scheme]
    start = code[:figures]
    return next((one for one in table if one.scheme == scheme and one.first <= start <= one.last), None)
