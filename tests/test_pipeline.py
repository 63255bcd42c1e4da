"""The recipe on real weights and our own renders: what must hold whatever the figures are."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import pytest
from match.seen import PITCH, lattice, word
from PIL import Image
from test_photo import STORED_AS, turned_file

from vision import pipeline as recipe
from vision.catalogue.load import load_marking_set
from vision.close import sharpened
from vision.errors import KitError, UsageError
from vision.find.heads import HeadFinder
from vision.flatten.band import BandFinder
from vision.manifest import models_folder, write_manifest
from vision.pipeline import Pipeline
from vision.read.ppocr import PpocrReader
from vision.read.protocol import Patch
from vision.sideways import Sideways
from vision.types import Context, Explanation, Lattice, Mark, Placed, Reading, Result, Rgb, Word

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"
LABELS = {
    label["file"]: label for label in map(json.loads, (EXAMPLES / "labels.jsonl").read_text("utf-8").splitlines())
}
CLEAN = ("lake-city.jpg", "prvi-partizan.jpg", "novosibirsk.jpg", "fabrique-nationale.jpg", "pakistan.jpg", "plate.jpg")
# One head, two heads, none.
FEW = [str(EXAMPLES / name) for name in ("plate.jpg", "two-heads.jpg", "coin.jpg")]


def identified(pipeline: Pipeline, *photos: str | Path) -> list[Result]:
    return list(pipeline.identify(photos))


def lines(results: list[Result]) -> list[str]:
    return [result.to_json() for result in results]


def first_origin(mark: Mark) -> str | None:
    return mark.attribution.candidates[0].country if mark.attribution and mark.attribution.candidates else None


@pytest.fixture(scope="module")
def kit() -> Pipeline:
    return Pipeline.load()


@pytest.fixture(scope="module")
def results(kit: Pipeline) -> dict[str, Result]:
    """Every example that these tests look at, identified once, by its file name."""
    names = dict.fromkeys([*CLEAN, *(Path(photo).name for photo in FEW)])
    return {name: identified(kit, EXAMPLES / name)[0] for name in names}


@pytest.fixture
def opencv_threads() -> Iterator[None]:
    before = cv2.getNumThreads()
    yield
    cv2.setNumThreads(before)


# The same photo, the same bytes (D1)


def test_a_result_does_not_depend_on_the_photos_before_it(kit: Pipeline, results: dict[str, Result]) -> None:
    backwards = identified(kit, *reversed(FEW))
    assert [result.path for result in backwards] == FEW[::-1]
    assert lines(backwards) == [results[Path(photo).name].to_json() for photo in reversed(FEW)]


def test_a_photo_alone_in_a_fresh_kit_gives_the_same_bytes(results: dict[str, Result]) -> None:
    assert lines(identified(Pipeline.load(), FEW[1])) == [results["two-heads.jpg"].to_json()]


@pytest.mark.usefixtures("opencv_threads")
@pytest.mark.parametrize("threads", [1, 2])
def test_the_number_of_threads_does_not_change_a_byte(results: dict[str, Result], threads: int) -> None:
    cv2.setNumThreads(threads)
    got = lines(identified(Pipeline.load(threads=threads), *FEW))
    assert got == [results[Path(photo).name].to_json() for photo in FEW]


def test_looking_closer_does_not_change_the_result(kit: Pipeline, results: dict[str, Result]) -> None:
    result, views = kit.inspect(FEW[0])
    assert result.to_json() == results["plate.jpg"].to_json()
    assert views is not None
    assert set(views.strips) == set(views.close_ups) == {mark.id for mark in result.marks}


# Bad photos


def test_bad_photos_are_results_with_a_failure_and_stop_no_other(
    kit: Pipeline, results: dict[str, Result], tmp_path: Path
) -> None:
    plate = EXAMPLES / "plate.jpg"
    cut, text, missing = tmp_path / "cut.jpg", tmp_path / "text.jpg", tmp_path / "missing.jpg"
    cut.write_bytes(plate.read_bytes()[:4000])
    text.write_text("This is no photo.")
    got = identified(kit, cut, plate, text, missing, plate)
    assert [result.path for result in got] == [str(path) for path in (cut, plate, text, missing, plate)]
    assert [result.failure and result.failure.code for result in got] == [
        "damaged",
        None,
        "unsupported",
        "missing",
        None,
    ]
    for bad in (got[0], got[2], got[3]):
        assert bad.failure is not None
        assert (bad.failure.stage, bad.marks, bad.photo) == ("photo", (), None)
        assert bad.failure.detail.endswith(".")
    assert got[1].to_json() == got[4].to_json() == results["plate.jpg"].to_json()


@pytest.mark.parametrize("side", [1, 30])
def test_a_picture_too_small_for_a_head_has_no_mark_and_is_no_failure(kit: Pipeline, tmp_path: Path, side: int) -> None:
    path = tmp_path / "small.png"
    Image.new("RGB", (side, side), (120, 100, 60)).save(path)
    (result,) = identified(kit, path)
    assert (result.failure, result.marks) == (None, ())


# What is said of the examples


def test_a_coin_has_no_origin(results: dict[str, Result]) -> None:
    for mark in results["coin.jpg"].marks:
        assert mark.attribution is not None
        assert mark.attribution.level == "unknown"


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_example_has_its_country_first(results: dict[str, Result], name: str) -> None:
    assert [first_origin(mark) for mark in results[name].marks] == [LABELS[name]["country"]]


def test_every_head_is_where_it_was_drawn(results: dict[str, Result]) -> None:
    for name in CLEAN:
        (mark,) = results[name].marks
        points = np.array(mark.outline_xy)
        found = [*points.min(axis=0), *points.max(axis=0)]
        side = LABELS[name]["box"][2] - LABELS[name]["box"][0]
        assert np.abs(np.subtract(found, LABELS[name]["box"])).max() < 0.06 * side, name


def test_probabilities_and_unknown_sum_to_one(results: dict[str, Result]) -> None:
    attributions = [mark.attribution for result in results.values() for mark in result.marks]
    assert len(attributions) >= len(CLEAN) + 2
    for attribution in attributions:
        assert attribution is not None
        total = attribution.unknown_probability + sum(c.probability for c in attribution.candidates)
        assert total == pytest.approx(1.0, abs=1e-9)


def test_every_character_is_drawn_inside_the_head(results: dict[str, Result]) -> None:
    drawn = 0
    for result in results.values():
        for mark in (mark for mark in result.marks if mark.kind == "headstamp"):
            assert mark.reading is not None
            rim = np.array(mark.outline_xy, np.float32)
            for character in [c for element in mark.reading.elements for c in element.characters]:
                assert len(character.outline_xy) >= 4
                depth = min(cv2.pointPolygonTest(rim, point, True) for point in character.outline_xy)
                assert depth >= -1.0, (result.path, character.text)
                drawn += 1
    assert drawn >= 30


def test_words_stand_where_they_were_struck(results: dict[str, Result]) -> None:
    """Prvi Partizan's render has its maker with tops outwards, and straight across the calibre with tops inwards."""
    (mark,) = results["prvi-partizan.jpg"].marks
    assert mark.reading is not None
    by_text = {element.text: element for element in mark.reading.elements}
    maker, calibre = by_text["PPU"], by_text["9mm LUGER"]
    assert (maker.upside_down, calibre.upside_down) == (False, True)
    assert maker.angle_deg is not None
    assert calibre.angle_deg is not None
    assert abs((calibre.angle_deg - maker.angle_deg) % 360.0 - 180.0) < 8.0


# Context, orientation, kit


def test_context_shifts_the_probability_but_not_what_the_photo_alone_says(kit: Pipeline) -> None:
    def candidates(result: Result) -> dict[str, Any]:
        return {c.pattern: c for c in result.candidates}

    plain = candidates(identified(kit, EXAMPLES / "winchester.jpg")[0])
    (shifted,) = identified(Pipeline.load(context=Context(country="US")), EXAMPLES / "winchester.jpg")
    with_context = candidates(shifted)
    both = plain.keys() & with_context.keys()
    assert {with_context[pattern].country == "US" for pattern in both} == {True, False}
    for pattern in both:
        before, after = plain[pattern], with_context[pattern]
        assert before.probability == before.probability_without_context == after.probability_without_context
        if after.country == "US":
            assert after.probability > before.probability
        else:
            assert after.probability < before.probability


def test_context_does_not_change_what_is_read(kit: Pipeline) -> None:
    """A head that is likelier Eley's than nobody's only because it was found in Britain is told as it is read."""
    in_britain = Pipeline.load(context=Context(country="GB"))
    seen = lattice(word("FLEA", 77))
    angles, steps = tuple(s * PITCH for s in (77, 0, 3, 6)), (77, 0, 3, 6)
    eley = Placed(Word("ELEY", False, angles, 40.0, 0, steps, spotted=True), "code", 5.0)
    flea = Placed(Word("FLEA", False, angles, 40.0, 0, steps, spotted=True), "other", 5.0)
    told = {}
    for score in np.arange(0.0, 8.0, 0.1):
        explanations = [Explanation("gb-eley-london", (eley,), float(score)), Explanation(None, (flea,), -0.1)]
        (plain, before), (read, after) = (one._concluded(seen, explanations, 1.0) for one in (kit, in_britain))
        assert read == plain
        likelier = [a.candidates[0].probability > a.unknown_probability for a in (before, after)]
        told[tuple(likelier)] = plain.elements[0].text
    assert told == {(False, False): "FLEA", (False, True): "FLEA", (True, True): "ELEY"}


@pytest.mark.parametrize("orientation", [way for way in STORED_AS if way != 1])
def test_however_the_camera_was_held_the_marks_are_the_same(
    kit: Pipeline, upright: Result, tmp_path: Path, orientation: int
) -> None:
    path = tmp_path / "turned.png"
    with Image.open(EXAMPLES / "plate.jpg") as image:
        path.write_bytes(turned_file(image.convert("RGB"), orientation, "PNG"))
    (turned,) = identified(kit, path)
    assert turned.marks == upright.marks


@pytest.fixture(scope="module")
def upright(kit: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Result:
    path = tmp_path_factory.mktemp("upright") / "upright.png"
    with Image.open(EXAMPLES / "plate.jpg") as image:
        path.write_bytes(turned_file(image.convert("RGB"), 1, "PNG"))
    (result,) = identified(kit, path)
    assert result.marks
    return result


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the models that the pipeline loads instead, to be edited."""
    folder = tmp_path / "models"
    shutil.copytree(models_folder(), folder)
    monkeypatch.setattr(recipe, "models_folder", lambda: folder)
    return folder


def test_the_kit_id_is_the_same_wherever_the_models_lie(kit: Pipeline, models: Path) -> None:
    assert Pipeline.load().run == kit.run


def test_a_changed_marking_set_is_another_kit(kit: Pipeline, models: Path) -> None:
    table = models / "markings" / "headstamps.csv"
    text = table.read_text("utf-8")
    table.write_text(text.replace("Lake City Army Ammunition Plant", "Lake City AAP"), "utf-8", newline="\n")
    with pytest.raises(KitError, match=r"headstamps\.csv differs"):
        Pipeline.load()
    write_manifest(models)
    changed = Pipeline.load()
    assert changed.run.kit != kit.run.kit
    (result,) = identified(changed, EXAMPLES / "plate.jpg")
    assert result.run == changed.run


@pytest.mark.parametrize("name", ["heads.onnx", "band.onnx", "ppocr.onnx"])
def test_changed_weights_are_another_kit(kit: Pipeline, models: Path, name: str) -> None:
    weights = models / "weights" / name
    network = onnx.load(weights)
    network.producer_version = "edited"
    onnx.save(network, weights)
    with pytest.raises(KitError, match=name):
        Pipeline.load()
    write_manifest(models)
    assert Pipeline.load().run.kit != kit.run.kit


def test_a_reader_named_twice_is_the_same_kit(kit: Pipeline) -> None:
    assert Pipeline.load(readers=("ppocr", "stamped", "ppocr")).run == kit.run


@pytest.mark.parametrize("readers", [(), ("abc",), ("ppocr", "abc")])
def test_an_unknown_reader_or_none_is_refused_with_those_there_are(readers: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="choose from ppocr, stamped, tesseract"):
        Pipeline.load(readers=readers)


class Counting:
    """A reader that counts the patches it is shown and says what another says, or nothing."""

    name = "ppocr"

    def __init__(
        self, reader: PpocrReader, *, blind: bool, looks: tuple[tuple[int, ...], ...] = ((0,), (1,), (2, 3))
    ) -> None:
        self._reader, self._blind, self.looks = reader, blind, looks
        self.seen: list[Rgb] = []

    def read(self, patches: Sequence[Patch]) -> Lattice:
        self.seen += [patch.rgb for patch in patches if patch.turn_px is not None]
        seen = self._reader.read(patches)
        if not self._blind:
            return seen
        blank = np.full((1, len(seen.alphabet)), -20.0, np.float32)
        blank[0, 0] = 0.0
        return replace(seen, rows=tuple(replace(r, log_probs=np.repeat(blank, len(r.places), 0)) for r in seen.rows))


@pytest.mark.parametrize(("blind", "looks"), [(False, 1), (True, 4)])
def test_a_head_is_looked_at_again_only_where_it_is_not_plain(*, blind: bool, looks: int) -> None:
    folder = models_folder()
    reader = Counting(PpocrReader(folder / "weights" / "ppocr.onnx"), blind=blind)
    finder, bands = HeadFinder(folder / "weights" / "heads.onnx"), BandFinder(folder / "weights" / "band.onnx")
    kit = Pipeline(finder, bands, [reader], load_marking_set(folder / "markings"), "kit")
    list(kit.identify([EXAMPLES / "lake-city.jpg"]))
    assert len(reader.seen) == looks
    if blind:  # as it is, coarser, and both sharpened
        fine, coarse, sharp, sharp_coarse = reader.seen
        assert coarse.shape[1] == pytest.approx(fine.shape[1] * 0.494 / 0.684, rel=0.05)
        assert np.array_equal(sharp, sharpened(fine, 2.0))
        assert np.array_equal(sharp_coarse, sharpened(coarse, 2.0))


def test_photos_of_one_object_are_read_at_two_looks_however_plain_each_is() -> None:
    folder = models_folder()
    reader = Counting(PpocrReader(folder / "weights" / "ppocr.onnx"), blind=False)
    finder, bands = HeadFinder(folder / "weights" / "heads.onnx"), BandFinder(folder / "weights" / "band.onnx")
    kit = Pipeline(finder, bands, [reader], load_marking_set(folder / "markings"), "kit")
    kit.identify_object([EXAMPLES / "lake-city.jpg"])
    assert len(reader.seen) == 1
    kit.identify_object([EXAMPLES / "lake-city.jpg", EXAMPLES / "winchester.jpg"])
    again, *others = reader.seen[1:]
    assert np.array_equal(again, reader.seen[0])
    assert len(others) == 3


@pytest.mark.parametrize(("unread", "looks"), [(7.0, 1), (9.0, 2), (16.0, 4)])
def test_a_head_with_much_left_unread_is_looked_at_again_however_sure_its_code_is(
    monkeypatch: pytest.MonkeyPatch, unread: float, looks: int
) -> None:
    monkeypatch.setattr(recipe, "left_unread", lambda lattice, explanation: unread)
    folder = models_folder()
    reader = Counting(PpocrReader(folder / "weights" / "ppocr.onnx"), blind=False)
    finder, bands = HeadFinder(folder / "weights" / "heads.onnx"), BandFinder(folder / "weights" / "band.onnx")
    list(
        Pipeline(finder, bands, [reader], load_marking_set(folder / "markings"), "kit").identify(
            [EXAMPLES / "lake-city.jpg"]
        )
    )
    assert len(reader.seen) == looks


@pytest.mark.parametrize("blind", [False, True])
def test_a_reader_without_first_looks_is_asked_only_about_what_another_leaves_in_doubt(*, blind: bool) -> None:
    folder = models_folder()
    ppocr = PpocrReader(folder / "weights" / "ppocr.onnx")
    first, second = Counting(ppocr, blind=blind), Counting(ppocr, blind=False, looks=((), (), (0,)))
    finder, bands = HeadFinder(folder / "weights" / "heads.onnx"), BandFinder(folder / "weights" / "band.onnx")
    kit = Pipeline(finder, bands, [first, second], load_marking_set(folder / "markings"), "kit")
    list(kit.identify([EXAMPLES / "lake-city.jpg"]))
    assert len(second.seen) == (1 if blind else 0)
    alone = Counting(ppocr, blind=False, looks=((), (), (0, 1)))
    (read,) = Pipeline(finder, bands, [alone], load_marking_set(folder / "markings"), "kit").identify(
        [EXAMPLES / "lake-city.jpg"]
    )
    assert len(alone.seen) == 2
    assert read.marks[0].attribution.candidates[0].code == "LC"


def test_a_head_whose_calibre_is_read_is_not_searched_for_a_gauge_at_its_sides(
    kit: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    sought: list[str] = []

    def seen(close: Any, patch: Any, reading: Reading, *_: Any) -> tuple[Sideways, ...]:
        sought.append(reading.text)
        return ()

    monkeypatch.setattr(recipe, "sideways", seen)
    identified(kit, EXAMPLES / "winchester.jpg", EXAMPLES / "fabrique-nationale.jpg")
    assert [text.split() for text in sought] == [["FN", "58"]]
