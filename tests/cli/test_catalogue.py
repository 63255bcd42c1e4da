import shutil

from typer.testing import CliRunner

from vision.catalogue import load_marking_set
from vision.catalogue.load import markings_folder
from vision.cli.catalogue import catalogue_app, rows_for


def run(*arguments: str):
    return CliRunner().invoke(catalogue_app, list(arguments))


def test_check_says_how_many_rows_are_sound():
    result = run("check")
    assert result.exit_code == 0
    assert result.stdout.startswith("819 patterns, 103 calibres, no faults")


def test_check_prints_every_fault_with_its_place_and_exits_4(tmp_path):
    folder = tmp_path / "set"
    shutil.copytree(markings_folder(), folder)
    table = folder / "headstamps.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    lines[1] = lines[1].replace(",RU,", ",XX,")
    lines[2] = lines[2].replace("ru-17-barnaul", "ru-17-podolsk")
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = run("check", "--folder", str(folder))
    assert result.exit_code == 4
    assert "headstamps.csv:2: country 'XX'" in result.stdout
    assert "headstamps.csv:4: id ru-17-podolsk stands twice" in result.stdout


def test_show_gives_every_row_of_an_ambiguous_code_with_source_and_caution():
    result = run("show", "21")
    assert result.exit_code == 0
    for text in ("ro-21-cugir", "hu-21-sirok", "pl-21-skarzysko-kamienna", "cn-21", "[R4.1]", "(grade B)"):
        assert text in result.stdout


def test_show_of_an_id_gives_that_row_alone():
    result = run("show", "ru-188-novosibirsk")
    assert result.stdout.count("source ") == 1
    assert "Novosibirsk, Russia" in result.stdout


def test_show_of_an_unknown_code_exits_2():
    result = run("show", "QQQQ")
    assert result.exit_code == 2
    assert "QQQQ" in result.stderr


def test_rows_are_found_by_shape_and_by_known_misreading():
    markings = load_marking_set()
    assert {p.country for p in rows_for(markings, "T")} >= {"RU", "ES", "CH"}
    assert "rs-ppu-uzice-cyrillic-lower" in {p.id for p in rows_for(markings, "NNY")}
    assert {p.id for p in rows_for(markings, "F N")} >= {p.id for p in rows_for(markings, "FN")} & {"be-fn-herstal"}


def test_show_gives_weapon_marks_by_text_symbol_and_id():
    by_name, by_id = run("show", "<66 in triangle>"), run("show", "wm-cn-66-in-triangle")
    assert by_name.exit_code == by_id.exit_code == 0
    assert by_name.stdout == by_id.stdout
    for text in ("State Factory 66", "one maker", "strong", "(grade A)"):
        assert text in by_id.stdout
    assert "nobody's origin" in run("show", "PSF").stdout


def test_show_gives_forms_and_packaging_by_id():
    serial = run("show", "sf-cn-chinese-state-type-56-carbine").stdout
    assert "disputed" in serial
    assert "1957 to 1980" in serial
    assert "crate" in run("show", "pm-ru-quantity").stdout
