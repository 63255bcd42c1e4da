"""The state a territory belonged to in a given year, beside its ISO code of today."""

from __future__ import annotations

from vision.catalogue.schema import MarkingSet, Pattern


def country_name(markings: MarkingSet, country: str) -> str:
    """The English name of an ISO 3166-1 alpha-2 code; the code itself when the set does not know it."""
    return markings.countries.get(country, country)


def state_in(markings: MarkingSet, country: str, first: int, last: int) -> str:
    """The state that today's country belonged to from first to last year.

    One name when the whole range lies in one state; "A / B" when it runs over changes; the country's name of today
    for years that states.csv does not cover.

    >>> from vision.catalogue import load_marking_set
    >>> state_in(load_marking_set(), "UA", 1975, 1975), state_in(load_marking_set(), "UA", 1995, 1995)
    ('Soviet Union', 'Ukraine')
    """
    names = [_state(markings, country, year) for year in range(first, last + 1)]
    return " / ".join(dict.fromkeys(names))


def _state(markings: MarkingSet, country: str, year: int) -> str:
    for span in markings.states:
        if span.country == country and span.first <= year <= span.last:
            return span.state
    return country_name(markings, country)


def state_then(markings: MarkingSet, pattern: Pattern, years: tuple[int, int] | None = None) -> str:
    """The state of a pattern's marks at the time, "" for country ZZ.

    Without years it is what the row says, else today's name. With years it is the table's, unless the row names one
    state for a closed span: a plant in an occupied territory belonged to its occupier (R5.5), which no table of
    territories tells.
    """
    if pattern.country == "ZZ":
        return ""
    one_state = pattern.state_then and not any(word in pattern.state_then for word in (" / ", " or "))
    if years is None or (one_state and pattern.years_to is not None):
        return pattern.state_then or country_name(markings, pattern.country)
    return state_in(markings, pattern.country, *years)
