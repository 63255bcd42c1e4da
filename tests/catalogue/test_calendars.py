import pytest

from vision.catalogue.calendars import gregorian_years, short_years


@pytest.mark.parametrize(
    ("calendar", "year", "first", "last"),
    [
        ("hijri", 1370, 1950, 1951),
        ("hijri", 1390, 1970, 1971),
        ("hijri", 1400, 1979, 1980),
        ("hijri", 1420, 1999, 2000),
        ("hijri", 1440, 2018, 2019),
        ("hijri", 1313, 1895, 1896),
        ("solar hijri", 1309, 1930, 1931),
        ("solar hijri", 1348, 1969, 1970),
        ("solar hijri", 1357, 1978, 1979),
        ("solar hijri", 1385, 2006, 2007),
        ("imperial", 2535, 1976, 1977),
        ("rumi", 1325, 1909, 1910),
        ("minguo", 19, 1930, 1930),
        ("minguo", 39, 1950, 1950),
        ("buddhist", 2518, 1975, 1975),
        ("showa", 17, 1942, 1942),
        ("ethiopian", 2000, 2007, 2008),
        ("vikram samvat", 2030, 1973, 1974),
        ("gregorian", 1957, 1957, 1957),
    ],
    ids=lambda value: f"R9-calendars-{value}" if isinstance(value, str) else str(value),
)
def test_R9_calendars_check_values(calendar, year, first, last):
    assert gregorian_years(calendar, year) == (first, last)


@pytest.mark.parametrize(
    ("calendar", "year"), [("imperial", 2534), ("imperial", 2538), ("solar hijri", 1303), ("rumi", 1343), ("showa", 65)]
)
def test_R9_calendars_years_that_never_were(calendar, year):
    assert gregorian_years(calendar, year) is None


def test_R9_calendars_short_years():
    assert short_years("hijri", 85) == ((1965, 1966), (2062, 2063))
    assert short_years("imperial", 40) == ()
