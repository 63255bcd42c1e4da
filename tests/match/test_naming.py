"""The symbol namer says what its torch network said, learns from one drawing, and says when it knows nothing."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest

from vision.errors import KitError
from vision.manifest import models_folder
from vision.match.symbols import SHARE, SIDE, UNKNOWN, Naming, SymbolNamer, at_side, framed

WEIGHTS = models_folder() / "weights" / "symbols.onnx"
SEEN = Path(__file__).parent / "symbols_seen.npz"


@pytest.fixture(scope="module")
def namer() -> SymbolNamer:
    return SymbolNamer(WEIGHTS)


def sheet() -> np.ndarray:
    return np.full((200, 200, 3), 255, np.uint8)


def two_squares(thick: int = 7) -> np.ndarray:
    """A shape that the marking set's symbols are not: two squares, one turned, with a bar below."""
    drawn = sheet()
    cv2.rectangle(drawn, (60, 40), (140, 120), (0, 0, 0), thick, cv2.LINE_AA)
    cv2.polylines(drawn, [np.array([(100, 22), (158, 80), (100, 138), (42, 80)])], True, (0, 0, 0), thick, cv2.LINE_AA)
    cv2.line(drawn, (40, 165), (160, 165), (0, 0, 0), 2 * thick, cv2.LINE_AA)
    return drawn


def struck(drawn: np.ndarray, seed: int) -> np.ndarray:
    """A drawing as grey grooves in mottled grey, turned by a few degrees."""
    rng = np.random.default_rng(seed)
    turn = cv2.getRotationMatrix2D((100, 100), float(rng.uniform(-6, 6)), float(rng.uniform(0.9, 1.05)))
    ink = cv2.warpAffine(255 - drawn[..., 0], turn, (200, 200)).astype(np.float32) / 255
    ground = 120 + cv2.resize(rng.normal(0, 14, (9, 9)).astype(np.float32), (200, 200), interpolation=cv2.INTER_CUBIC)
    grey = ground * (1 - 0.45 * cv2.GaussianBlur(ink, (0, 0), 1.5)) + rng.normal(0, 4, (200, 200))
    return np.repeat(grey.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def cut(picture: np.ndarray) -> np.ndarray:
    """A picture cut round its drawing as symbols are cut from photos."""
    side = 143 / SHARE / 2
    low, high = round(100 - side), round(100 + side)
    part = picture[max(0, low - 2) : high - 2, max(0, low) : high]
    return at_side(np.asarray(part))


def test_serving_says_what_the_torch_network_said(namer: SymbolNamer) -> None:
    held = np.load(SEEN, allow_pickle=False)
    for looks, way in zip(namer.look_both(list(held["pictures"])), ("", "_turned"), strict=True):
        expected = {name: held[name + way].astype(np.float32) for name in ("vectors", "odds", "none")}
        assert np.abs(looks.vectors - expected["vectors"]).max() < 0.03
        assert np.abs(looks.whole - 1 / (1 + np.exp(-expected["odds"]))).max() < 0.05
        assert np.abs(looks.none - expected["none"]).max() < 0.03


def test_half_turns_are_named_without_turning_the_picture(namer: SymbolNamer) -> None:
    pictures = list(np.load(SEEN, allow_pickle=False)["pictures"][:6])
    turned = [np.ascontiguousarray(picture[::-1, ::-1]) for picture in pictures]
    upright, by_half = namer.look_both(pictures)
    for looks, expected in ((namer.look(pictures), upright), (namer.look(turned), by_half)):
        assert np.allclose(looks.vectors, expected.vectors, atol=1e-3)
        assert np.allclose(looks.whole, expected.whole, atol=1e-3)
        assert np.allclose(looks.none, expected.none, atol=1e-3)


def test_a_picture_is_named_the_same_alone_and_among_others(namer: SymbolNamer) -> None:
    pictures = list(np.load(SEEN, allow_pickle=False)["pictures"])
    among = namer.name(pictures * 4)
    assert [n.name for n in among[: len(pictures)]] == [namer.name([picture])[0].name for picture in pictures]
    assert namer.name([]) == []


def test_the_hardest_look_alikes_that_training_never_saw_are_mostly_named_right(namer: SymbolNamer) -> None:
    held = np.load(SEEN, allow_pickle=False)
    found = [naming.ranked[0][0] for naming in namer.name(list(held["pictures"]))]
    assert np.mean([a == b for a, b in zip(found, namer.names, strict=False)]) >= 0.5


def test_an_unknown_shape_is_unknown_until_one_drawing_teaches_it() -> None:
    namer = SymbolNamer(WEIGHTS)
    pictures = [cut(struck(two_squares(), seed)) for seed in range(8)]
    before = namer.name(pictures)
    drawing = framed(two_squares())
    assert drawing is not None
    namer.teach("<two squares over a bar>", [drawing])
    after = namer.name(pictures)
    assert sum(n.name == "<two squares over a bar>" for n in after) >= 7
    assert np.mean([a.margin - b.margin for a, b in zip(after, before, strict=True)]) > 0.1
    assert np.mean([n.whole for n in after]) > 0.5


def test_several_pictures_teach_as_one_symbol() -> None:
    namer = SymbolNamer(WEIGHTS)
    known = len(namer.names)
    namer.teach("<two squares over a bar>", [cut(struck(two_squares(), seed)) for seed in (20, 21, 22)])
    assert len(namer.names) == known + 1
    found = namer.name([cut(struck(two_squares(9), seed)) for seed in range(6)])
    assert sum(n.name == "<two squares over a bar>" for n in found) >= 5
    assert np.allclose(np.linalg.norm(namer.directions, axis=1), 1.0, atol=1e-2)


def test_flat_ground_is_no_symbol(namer: SymbolNamer) -> None:
    grounds = [np.full((SIDE, SIDE, 3), level, np.uint8) for level in (0, 90, 255)]
    assert all(naming.whole < 0.5 for naming in namer.name(grounds))


def test_other_weights_are_refused() -> None:
    with pytest.raises(KitError, match=r"heads\.onnx are not the symbol namer's"):
        SymbolNamer(models_folder() / "weights" / "heads.onnx")


def test_weights_of_a_version_that_says_less_are_refused(tmp_path: Path) -> None:
    model = onnx.load(WEIGHTS)
    kept = [output for output in model.graph.output if not output.name.startswith("none")]
    del model.graph.output[:]
    model.graph.output.extend(kept)
    onnx.save(model, tmp_path / "symbols.onnx")
    with pytest.raises(KitError, match="of another version"):
        SymbolNamer(tmp_path / "symbols.onnx")


def test_a_naming_is_unknown_below_nought() -> None:
    assert Naming((("<star>", 0.01), ("<crown>", -0.2)), 0.9).name == "<star>"
    assert Naming((("<star>", -0.01),), 0.9).name == UNKNOWN
    assert Naming((), 0.9).name == UNKNOWN
    assert Naming((("<star>", 0.0),), 0.9).confidence == pytest.approx(0.5)
    assert Naming((("<star>", 0.2),), 0.9).confidence > 0.9


def test_a_drawing_is_framed_about_its_ink() -> None:
    drawn = sheet()
    cv2.circle(drawn, (60, 130), 30, (0, 0, 0), -1)
    picture = framed(drawn)
    assert picture is not None
    rows, columns = (np.flatnonzero((picture[..., 0] < 128).any(axis=axis)) for axis in (1, 0))
    assert columns[-1] - columns[0] + 1 == pytest.approx(SHARE * SIDE, abs=2)
    assert (rows[0] + rows[-1]) / 2 == pytest.approx((SIDE - 1) / 2, abs=1)
    assert framed(sheet()) is None


def test_a_small_drawing_and_a_large_one_are_framed_alike() -> None:
    small = framed(cv2.resize(two_squares(), (90, 90), interpolation=cv2.INTER_AREA))
    large = framed(cv2.resize(two_squares(), (900, 900), interpolation=cv2.INTER_LINEAR))
    assert small is not None
    assert large is not None
    assert np.abs(small.astype(int) - large.astype(int)).mean() < 12
