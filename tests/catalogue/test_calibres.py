import pytest

from vision.catalogue.calibres import CalibreReader


@pytest.fixture(scope="module")
def reader(markings):
    return CalibreReader(markings.calibres)


@pytest.mark.parametrize(
    ("legend", "names"),
    [
        ("7.62X39", ["7.62x39mm"]),
        ("7,62x39", ["7.62x39mm"]),
        ("762X39", ["7.62x39mm"]),
        ("7.62×39MM", ["7.62x39mm"]),
        ("٧٫٦٢×٣٩", ["7.62x39mm"]),
        ("7.62х39", ["7.62x39mm"]),
        ("9 PARA", ["9x19mm"]),
        ("9mm LUGER", ["9x19mm"]),
        ("9MM", ["9x19mm"]),
        ("9m/mP", ["9x19mm"]),
        ("9.P", ["9x19mm"]),
        ("9MM 2Z", ["9x19mm"]),
        ("9X19", ["9x19mm"]),
        ("223 REM", [".223 Remington"]),
        (".223", [".223 Remington"]),
        ("5.56 MM", ["5.56x45mm"]),
        ("556MM", ["5.56x45mm"]),
        ("12 GA", ["12 gauge"]),
        ("12GA", ["12 gauge"]),
        ("Cal. 12", ["12 gauge"]),
        ("*16*", ["16 gauge"]),
        ("45 AUTO", [".45 ACP"]),
        ("30-06 SPRG", [".30-06 Springfield"]),
        ("308 WIN", [".308 Winchester"]),
        ("40 S&W", [".40 S&W"]),
        (".50 BMG", ["12.7x99mm"]),
        ("9x21", ["9x21mm Gyurza", "9x21mm IMI"]),
        ("8x50R", ["8x50mmR Lebel", "8x50mmR Mannlicher", ".315"]),
        ("FN", []),
        ("", []),
        ("MM", []),
        ("7.61X39", []),
    ],
)
def test_a_legend_names_its_calibres_in_any_spelling(reader, legend, names):
    assert [c.name for c in reader.read(legend)] == names


def test_R6_4_the_legend_of_mark_2z_ball_is_a_calibre_and_no_maker(reader, markings):
    assert [c.name for c in reader.read("9MM 2Z")] == ["9x19mm"]
    assert {p.role for p in markings.patterns if p.code == "2Z"} == {"feature"}


def test_a_spelling_with_its_dot_goes_before_one_without(reader):
    assert [c.name for c in reader.read("7.62")] == ["7.62x51mm"]
    assert [c.name for c in reader.read("5.45")] == ["5.45x39mm"]


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("7.62x39mm", 1943),
        ("5.45x39mm", 1970),
        ("5.56x45mm", 1957),
        ("7.62x51mm", 1950),
        ("9x18mm", 1948),
        ("5.8x42mm", 1987),
        ("12.7x108mm", 1934),
        ("14.5x114mm", 1939),
    ],
)
def test_R1_9_first_years_of_cartridges(markings, name, year):
    assert markings.calibre_by_name[name].first_year == year


def test_head_and_primer_diameters_are_those_of_the_facts(markings):
    cartridge = markings.calibre_by_name["7.62x54mmR"]
    assert (cartridge.head_diameter_mm, cartridge.primer_diameter_mm) == (14.48, 6.35)
    assert markings.calibre_by_name[".22 LR"].primer_diameter_mm is None
    for calibre in markings.calibres:
        if calibre.primer_diameter_mm:
            assert calibre.primer_diameter_mm < calibre.head_diameter_mm


def test_every_legend_reads_as_its_own_calibre(reader, markings):
    for calibre in markings.calibres:
        for legend in calibre.legends:
            assert calibre in reader.read(legend), (calibre.name, legend)
