"""Several photos of one head on real weights: which are joined, what each then says, and what is said of the others."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from vision import pipeline as recipe
from vision.pipeline import Pipeline
from vision.sideways import Sideways
from vision.types import Character, Element, Mark, Result, Rgb

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"
HEAD, OTHER = EXAMPLES / "prvi-partizan.jpg", EXAMPLES / "lake-city.jpg"
# Rows and columns of HEAD's picture that show PPU.
MAKER = slice(495, 617), slice(423, 555)


@pytest.fixture(scope="module")
def kit() -> Pipeline:
    return Pipeline.load()


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One head three times: as it is, turned a quarter clockwise and dimmer, turned half and its maker smeared."""
    rgb = picture(HEAD)
    dim = (np.rot90(rgb, -1) * 0.6).astype(np.uint8)
    smeared = rgb.copy()
    smeared[MAKER] = cv2.GaussianBlur(rgb[MAKER], (0, 0), 14.0)
    return saved(tmp_path_factory.mktemp("photos"), rgb, dim, np.rot90(smeared, 2))


@pytest.fixture(scope="module")
def results(kit: Pipeline, photos: list[Path]) -> list[Result]:
    return kit.identify_object(photos)


def the_mark(result: Result) -> Mark:
    (mark,) = result.marks
    assert mark.reading is not None
    return mark


def angles(result: Result) -> dict[str, float]:
    reading = the_mark(result).reading
    assert reading is not None
    return {element.text: element.angle_deg or 0.0 for element in reading.elements}


def test_the_turn_of_every_photo_is_told_against_the_first(results: list[Result]) -> None:
    turns = [photo.turned_deg for photo in results[0].object_photos]
    assert turns[0] == 0.0
    assert turns[1:] == [pytest.approx(90.0, abs=3.0), pytest.approx(180.0, abs=3.0)]
    assert all(photo.left_out is None for photo in results[0].object_photos)


def test_every_record_names_all_photos_by_their_hash_and_mark(results: list[Result]) -> None:
    named = results[0].object_photos
    assert all(result.object_photos == named for result in results)
    assert [photo.sha256 for photo in named] == [result.photo and result.photo.sha256 for result in results]
    assert [photo.mark for photo in named] == [the_mark(result).id for result in results]


def test_joined_photos_say_one_thing_each_in_its_own_places(results: list[Result]) -> None:
    first = the_mark(results[0])
    for result, turned in zip(results, (0.0, 90.0, 180.0), strict=True):
        mark = the_mark(result)
        assert mark.attribution == first.attribution
        assert mark.reading is not None
        assert first.reading is not None
        assert mark.reading.text == first.reading.text
        for text, angle in angles(result).items():
            assert abs((angle - angles(results[0])[text] - turned + 180.0) % 360.0 - 180.0) < 3.0
        rim = np.array(mark.outline_xy, np.float32)
        characters = [c for element in mark.reading.elements for c in element.characters]
        assert characters
        for character in characters:
            assert min(cv2.pointPolygonTest(rim, point, True) for point in character.outline_xy) >= -1.0


def test_a_photo_in_which_the_maker_is_hidden_says_what_the_others_show(
    kit: Pipeline, photos: list[Path], results: list[Result]
) -> None:
    (alone,) = kit.identify([photos[2]])
    alone_reading, joined_reading = the_mark(alone).reading, the_mark(results[2]).reading
    assert alone_reading is not None
    assert joined_reading is not None
    assert "PPU" not in alone_reading.text
    assert "PPU" in joined_reading.text


def gauge(angle_deg: float) -> Sideways:
    letters = tuple(Character(c, 0.9, (), None) for c in "16")
    return Sideways(Element("16", False, 0.9, letters), angle_deg, (0.75, 0.65))


def saved(folder: Path, *pictures: Rgb) -> list[Path]:
    paths = [folder / f"{number}.png" for number in range(len(pictures))]
    for path, picture in zip(paths, pictures, strict=True):
        Image.fromarray(picture).save(path)
    return paths


def picture(path: Path) -> Rgb:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("shows", [0, 1])
def test_a_gauge_that_one_photo_shows_is_told_in_every_joined_one_where_it_stands(
    kit: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shows: int
) -> None:
    rgb = picture(OTHER)
    paths = saved(tmp_path, rgb, (np.rot90(rgb, -1) * 0.7).astype(np.uint8))
    seen = iter([(gauge(45.0),) if number == shows else () for number in range(2)])
    monkeypatch.setattr(recipe, "sideways", lambda *_: next(seen))
    first, second = kit.identify_object(paths)
    turned = second.object_photos[1].turned_deg
    assert turned == pytest.approx(90.0, abs=3.0)
    there = [45.0, 45.0 + turned] if shows == 0 else [(45.0 - turned) % 360.0, 45.0]
    assert [angles(result)["16"] for result in (first, second)] == pytest.approx(there)
    assert the_mark(first).attribution == the_mark(second).attribution


def test_no_gauge_is_told_of_a_head_whose_calibre_another_photo_shows(
    kit: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rgb = picture(HEAD)
    smeared = cv2.GaussianBlur(rgb, (0, 0), 14.0)
    smeared[MAKER] = rgb[MAKER]
    monkeypatch.setattr(recipe, "sideways", lambda *_: (gauge(270.0),))
    paths = saved(tmp_path, rgb, smeared)
    assert "16" in angles(next(kit.identify(paths[1:])))
    results = kit.identify_object(paths)
    assert all(photo.left_out is None for photo in results[0].object_photos)
    assert not any("16" in angles(result) for result in results)


def test_one_photo_is_what_it_is_without_asking_for_an_object(kit: Pipeline) -> None:
    (plain,) = kit.identify([HEAD])
    assert [result.to_json() for result in kit.identify_object([HEAD])] == [plain.to_json()]
    assert kit.identify_object([]) == []


def test_what_cannot_be_joined_is_reported_and_keeps_its_own_reading(
    kit: Pipeline, photos: list[Path], tmp_path: Path
) -> None:
    empty, broken = tmp_path / "empty.png", tmp_path / "broken.jpg"
    Image.new("RGB", (300, 300), (90, 90, 90)).save(empty)
    broken.write_bytes(HEAD.read_bytes()[:3000])
    together = kit.identify_object([empty, photos[0], broken, OTHER, photos[1], photos[0]])
    named = together[0].object_photos
    assert [photo.left_out and photo.left_out.code for photo in named] == [
        "no_head",
        None,
        "damaged",
        "reads_differently",
        None,
        "same_file",
    ]
    assert named[1].turned_deg == 0.0
    (other,) = kit.identify([OTHER])
    assert together[3].marks == other.marks
    assert (together[2].failure is not None, together[2].marks) == (True, ())


def test_photos_none_of_which_can_be_joined_are_what_they_are_by_themselves(kit: Pipeline) -> None:
    together = kit.identify_object([HEAD, OTHER])
    assert [result.marks for result in together] == [result.marks for result in kit.identify([HEAD, OTHER])]
    assert {photo.left_out.code for photo in together[0].object_photos if photo.left_out} == {"reads_differently"}
    with_nothing = kit.identify_object([HEAD, EXAMPLES / "nothing.jpg"])[0].object_photos
    assert [photo.left_out and photo.left_out.code for photo in with_nothing] == ["alone", "missing"]


def test_the_first_joined_photo_shows_the_strips_of_all_as_it_stands(kit: Pipeline, photos: list[Path]) -> None:
    seen = kit.inspect_object(photos)
    assert [result.to_json() for result, _ in seen] == [result.to_json() for result in kit.identify_object(photos)]
    views = [view for _, view in seen]
    assert views[0] is not None
    mark = the_mark(seen[0][0]).id
    own, turned = views[0].strips[mark], views[0].aligned[mark]
    assert [view.name for view in (own, *turned)] == [str(photo) for photo in photos]
    for view in turned[:1]:
        width = min(round(own.width_turn), round(view.width_turn))
        pair = [cv2.resize(v.rgb[:, : round(v.width_turn)], (width, 100)).mean(axis=2).ravel() for v in (own, view)]
        assert np.corrcoef(*pair)[0, 1] > 0.9
    assert all(view is None or not view.aligned for view in views[1:])
