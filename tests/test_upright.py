"""Letters that stand upright at a head's sides are read into words with those that stand along its ring."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from vision.catalogue.load import load_marking_set
from vision.close import Close, patches
from vision.manifest import models_folder
from vision.match import Model, explain, reading_of
from vision.pipeline import Pipeline
from vision.read.protocol import Patch
from vision.read.stamped import StampedReader
from vision.sideways import busy_places
from vision.together import Seen
from vision.types import Ellipse, Head, Lattice, Reading
from vision.upright import Upright, with_upright

SIDE, MIDDLE, RADIUS = 440, 220.0, 190.0


@pytest.fixture(scope="module")
def reader() -> StampedReader:
    return StampedReader(models_folder() / "weights" / "stamped.onnx")


def head(*letters: tuple[str, float, float], turned: float = 0.0) -> Close:
    """A grey head with white letters, each at an angle clockwise from 12 o'clock and turned clockwise by its own angle;
    the whole picture turned besides."""
    rgb = np.full((SIDE, SIDE, 3), 30, np.uint8)
    cv2.circle(rgb, (220, 220), 190, (120, 122, 120), -1, cv2.LINE_AA)
    cv2.circle(rgb, (220, 220), 85, (95, 95, 95), -1, cv2.LINE_AA)
    for letter, angle, own in letters:
        (wide, high), _ = cv2.getTextSize(letter, cv2.FONT_HERSHEY_DUPLEX, 1.5, 4)
        one = np.zeros((120, 120), np.uint8)
        cv2.putText(one, letter, (60 - wide // 2, 60 + high // 2), cv2.FONT_HERSHEY_DUPLEX, 1.5, 255, 4, cv2.LINE_AA)
        x, y = 138.0 * np.sin(np.radians(angle)) + MIDDLE, -138.0 * np.cos(np.radians(angle)) + MIDDLE
        place = cv2.getRotationMatrix2D((60, 60), -own, 1.0)
        place[:, 2] += (x - 60, y - 60)
        ink = cv2.warpAffine(one, place, (SIDE, SIDE))[..., None] / 255.0
        rgb = (rgb * (1 - ink) + 235 * ink).astype(np.uint8)
    whole = cv2.getRotationMatrix2D((MIDDLE, MIDDLE), -turned, 1.0)
    rgb = np.asarray(cv2.warpAffine(rgb, whole, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE), np.uint8)
    face = Head(Ellipse((MIDDLE, MIDDLE), (RADIUS, RADIUS), 0.0), (MIDDLE, MIDDLE), 0.45, 1.0)
    return Close(rgb, face, 1.0, (0, 0), (0.83, 0.62))


def along(text: str, middle: float, apart: float = 17.0) -> list[tuple[str, float, float]]:
    """A word along the ring, tops out."""
    angles = [middle + (i - (len(text) - 1) / 2) * apart for i in range(len(text))]
    return [(c, a, a) for c, a in zip(text, angles, strict=True)]


def upright(close: Close, reader: StampedReader) -> tuple[Lattice, Upright | None]:
    strips = patches(close, (0, 1))
    lattice = reader.read(strips)
    places = busy_places(strips[0], Reading("none"), 10)
    return lattice, with_upright(close, strips[0].band, lattice, places, [reader])


def words(lattice: Lattice) -> list[str]:
    model = Model(load_marking_set(models_folder() / "markings"), lattice.alphabet, this_year=2026)
    return [e.text for e in reading_of(explain(lattice, model)[0], lattice, model.spellings).elements]


@pytest.mark.parametrize("turned", [0.0, 40.0, 200.0])
def test_letters_at_the_sides_make_a_word_with_those_on_the_ring(reader: StampedReader, turned: float) -> None:
    _, seen = upright(head(("A", 270.0, 0.0), ("E", 0.0, 0.0), ("P", 90.0, 0.0), turned=turned), reader)
    assert seen is not None
    assert "".join(words(seen.lattice)) == "AEP"


def test_digits_at_one_side_stand_in_reading_order(reader: StampedReader) -> None:
    _, seen = upright(head(*along("RWS", 0.0, 24.0), ("38", 90.0, 0.0), ("2", 270.0, 0.0)), reader)
    assert seen is not None
    assert {"RWS", "38"} <= set(words(seen.lattice))
    assert seen.bears([90.0])
    assert not seen.bears([0.0, 180.0])


def test_a_head_whose_letters_follow_the_ring_is_left_alone(reader: StampedReader) -> None:
    assert upright(head(*along("PPU", 0.0), *along("71", 90.0), *along("FN", 250.0)), reader)[1] is None


def test_a_bare_head_has_nothing_upright(reader: StampedReader) -> None:
    assert upright(head(), reader)[1] is None


def seen_at(close: Close, strips: Sequence[Patch], reader: StampedReader, pipeline: Pipeline) -> Seen:
    lattice = reader.read(strips)
    return Seen(close, strips[0].band, lattice, (len(lattice.rows),), tuple(explain(lattice, pipeline.model())))


def test_what_stands_upright_is_kept_only_where_it_explains_more(reader: StampedReader) -> None:
    pipeline = Pipeline.load(["stamped"])
    close = head(*along("RWS", 0.0, 24.0), ("38", 90.0, 0.0), ("2", 270.0, 0.0))
    strips = patches(close, (0, 1))
    seen = seen_at(close, strips, reader, pipeline)
    plain = seen.explanations
    said = reading_of(plain[0], seen.lattice, pipeline.model().spellings)
    found = pipeline._seen_upright(seen, strips[0], said)
    assert found is not None
    assert found[1][0].score > plain[0].score + 3.5
    assert "38" in {placed.word.text for placed in found[1][0].placed}
    ringed = head(*along("PPU", 0.0), *along("71", 180.0))
    strips = patches(ringed, (0, 1))
    seen = seen_at(ringed, strips, reader, pipeline)
    plain = seen.explanations
    said = reading_of(plain[0], seen.lattice, pipeline.model().spellings)
    assert pipeline._seen_upright(seen, strips[0], said) is None
