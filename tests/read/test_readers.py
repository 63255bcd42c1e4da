"""What every reader keeps to, whichever it is: the lattice's form, both ways up, places, and no memory."""

from __future__ import annotations

import numpy as np
import pytest
from read.rendered import SEEDS, TURN_PX, gains_at, strip

from vision.errors import MissingError
from vision.manifest import models_folder
from vision.read import tesseract
from vision.read.ppocr import PpocrReader
from vision.read.protocol import Patch, Reader
from vision.read.tesseract import TesseractReader
from vision.types import Lattice


@pytest.fixture(scope="module", params=["ppocr", "tesseract"])
def reader(request: pytest.FixtureRequest) -> Reader:
    """Each reader in turn; tesseract only where its program is installed, and with one language, which is quicker."""
    if request.param == "ppocr":
        return PpocrReader(models_folder() / "weights" / "ppocr.onnx")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tesseract, "LANGUAGES", ("eng",))
        try:
            return TesseractReader()
        except MissingError as fault:
            pytest.skip(str(fault))


def same(one: Lattice, other: Lattice) -> bool:
    """Whether two lattices are equal byte for byte."""
    if (one.reader, one.alphabet, one.circular) != (other.reader, other.alphabet, other.circular):
        return False
    return [(r.log_probs.tobytes(), r.places.tobytes(), r.upside_down, r.band) for r in one.rows] == [
        (r.log_probs.tobytes(), r.places.tobytes(), r.upside_down, r.band) for r in other.rows
    ]


def straight(width: int = 200, seed: int = 3) -> Patch:
    """A straight piece of a rendered strip with letters on it."""
    patch, elements = strip(seed)
    first = int(elements[0].angle_deg / 360.0 * TURN_PX - width / 2) % TURN_PX
    turn = patch.rgb[:, :TURN_PX]
    return Patch(np.ascontiguousarray(np.roll(turn, -first, axis=1)[:, :width]))


def test_a_ring_gives_two_rows_of_one_turn_a_patch(reader: Reader) -> None:
    patches = [strip(SEEDS[0])[0], Patch(strip(SEEDS[1])[0].rgb, TURN_PX, 30.0, (0.9, 0.5))]
    lattice = reader.read(patches)
    assert lattice.reader == reader.name
    assert lattice.circular
    assert [row.upside_down for row in lattice.rows] == [False, True, False, True]
    assert [row.band for row in lattice.rows] == [patches[0].band] * 2 + [(0.9, 0.5)] * 2
    assert {len(row.log_probs) for row in lattice.rows} == {TURN_PX // 8}
    for row, start in zip(lattice.rows, (0.0, 0.0, 30.0, 30.0), strict=True):
        clockwise = (np.arange(TURN_PX // 8) + 0.5) * 8 - 0.5
        columns = TURN_PX - 1 - clockwise if row.upside_down else clockwise
        expected = (start + columns / TURN_PX * 360.0) % 360.0
        assert row.places == pytest.approx(expected, abs=1e-3)


def test_every_row_holds_log_probabilities(reader: Reader) -> None:
    for row in reader.read([strip(SEEDS[0])[0]]).rows:
        assert np.isfinite(row.log_probs).all()
        assert row.log_probs.dtype == np.float32
        # The weights keep some characters of a larger network: a step may sum to less than one, never to more.
        assert np.exp(row.log_probs.astype(float)).sum(axis=1).max() <= 1.001


def test_a_straight_patch_has_places_in_pixels(reader: Reader) -> None:
    lattice = reader.read([straight(203)])
    upright, turned = lattice.rows
    assert not lattice.circular
    assert upright.places == pytest.approx(np.arange(25) * 8 + 3.5)
    assert turned.places == pytest.approx(202 - (np.arange(25) * 8 + 3.5))


def test_nothing_to_read_is_an_empty_lattice(reader: Reader) -> None:
    lattice = reader.read([])
    assert lattice.rows == ()
    assert lattice.alphabet == reader.read([straight()]).alphabet


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_blank_patch_reads_as_blank(reader: Reader, value: int) -> None:
    for row in reader.read([Patch(np.full((48, 400, 3), value, np.uint8), turn_px=320)]).rows:
        assert (row.log_probs.argmax(axis=1) == 0).all()


def test_noise_never_fails(reader: Reader) -> None:
    rng = np.random.default_rng(1)
    for width in (8, 48, 161):
        noise = rng.integers(0, 256, (48, width, 3), dtype=np.uint8)
        assert [len(row.places) for row in reader.read([Patch(noise)]).rows] == [width // 8] * 2


def test_a_patch_turned_by_half_swaps_the_ways_up(reader: Reader) -> None:
    patch = straight(240)
    upright, turned = reader.read([patch]).rows
    other_upright, other_turned = reader.read([Patch(np.ascontiguousarray(patch.rgb[::-1, ::-1]))]).rows
    assert other_turned.log_probs == pytest.approx(upright.log_probs, abs=1e-4)
    assert other_upright.log_probs == pytest.approx(turned.log_probs, abs=1e-4)
    assert 239 - other_turned.places == pytest.approx(upright.places)


def test_what_was_read_before_changes_nothing(reader: Reader) -> None:
    first, second = straight(160, SEEDS[0]), straight(160, SEEDS[1])
    alone = reader.read([first])
    reader.read([second])
    again = reader.read([first])
    beside = reader.read([second, first])
    assert same(again, alone)
    assert same(Lattice(beside.reader, beside.alphabet, beside.rows[2:], beside.circular), alone)


def test_known_words_are_heard_where_they_stand_the_way_up_they_stand(reader: Reader) -> None:
    """Every word has positive gain at its place, and less the other way up (Tesseract: digits of some)."""
    heard: list[bool] = []
    for seed in SEEDS if reader.name == "ppocr" else (40, 42, 44):
        patch, elements = strip(seed)
        lattice = reader.read([patch])
        for element in elements:
            right = sum(gains_at(lattice, element, upside_down=element.upside_down))
            wrong = sum(gains_at(lattice, element, upside_down=not element.upside_down))
            if reader.name == "ppocr":
                assert right > 4.0 * len(element.text), (seed, element.text)
                assert right > wrong + 4.0 * len(element.text), (seed, element.text)
            elif element.text.isdecimal():
                heard.append(right > 0.0 > wrong)
    assert all(heard)
    assert reader.name == "ppocr" or len(heard) == 3
