"""The arithmetic under the finder: frames and ellipses, closed paths, and fits that ignore what does not belong."""

from __future__ import annotations

import numpy as np
import pytest

from vision.find._rings import along_paths, closed_paths, ellipse_of, fit_paths, frame_of, moved, unroll
from vision.find._votes import Pyramid, propose_circles
from vision.training.finder.overlap import overlap
from vision.types import Ellipse


@pytest.mark.parametrize("angle_deg", [0.0, 37.0, 90.0, 161.0])
def test_a_frame_and_its_ellipse_say_the_same(angle_deg: float) -> None:
    ellipse = Ellipse((310.0, 120.0), (80.0, 55.0), angle_deg)
    back = ellipse_of(frame_of(ellipse))
    assert back.center_xy == pytest.approx(ellipse.center_xy)
    assert back.semi_axes == pytest.approx(ellipse.semi_axes, rel=1e-5)
    assert back.angle_deg == pytest.approx(angle_deg, abs=1e-3)


def test_a_frame_moves_in_its_own_units() -> None:
    frame = frame_of(Ellipse((100.0, 50.0), (40.0, 20.0), 0.0))[None]
    moved_frame = moved(frame, np.array([[0.5, 0.5, 1.1, 0, 0, 1.1]], np.float32))
    ellipse = ellipse_of(moved_frame[0])
    assert ellipse.center_xy == pytest.approx((120.0, 60.0))
    assert ellipse.semi_axes == pytest.approx((44.0, 22.0))


def test_a_path_closes_and_follows_the_gain() -> None:
    angles, radii = 48, 30
    true = np.rint(15 + 6 * np.sin(2 * np.pi * np.arange(angles) / angles)).astype(int)
    gain = np.zeros((1, angles, radii), np.float32)
    gain[0, np.arange(angles), true] = 1.0
    gain[0, 10:20, 2] = 1.5  # a stronger arc that no closed path can afford to visit
    (path,) = closed_paths(gain, 0.1)
    assert abs(int(path[0]) - int(path[-1])) <= 1
    assert np.abs(path - true).max() <= 1


def test_a_fit_ignores_a_fifth_of_the_rays_gone_astray() -> None:
    t = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    radius = 1.02 + 0.03 * np.cos(t) - 0.05 * np.sin(t) + 0.06 * np.cos(2 * t)
    astray = radius.copy()
    astray[8:20] = 1.3
    updates, fit = fit_paths(astray[None].astype(np.float32), np.ones((1, 60), np.float32), 0.02)
    assert updates[0] == pytest.approx([0.03, -0.05, 1.08, 0.0, 0.0, 0.96], abs=0.006)
    assert fit[0, 8:20].max() == 0.0
    assert fit[0, 25:].min() > 0.7


def test_unrolling_a_ramp_gives_the_ramp_and_marks_what_lies_outside() -> None:
    ramp = np.broadcast_to(np.arange(200, dtype=np.uint8)[None, :, None], (200, 200, 3)).copy()
    frame = frame_of(Ellipse((150.0, 100.0), (40.0, 40.0), 0.0))[None]
    radii = np.linspace(0.5, 1.5, 41).astype(np.float32)
    rays, inside = unroll(Pyramid.of(ramp), frame, radii, 4)
    assert rays[0, 2, :, 0] == pytest.approx(150 - 40 * radii, abs=0.3)  # towards -x
    assert inside[0, 0].tolist() == (150 + 40 * radii <= 199).tolist()  # towards +x, out of the picture at last
    assert inside[0, 1:].all()


@pytest.mark.parametrize("radius", [9.0, 24.0, 70.0, 150.0])
def test_a_lone_disc_of_any_size_is_proposed_first(radius: float) -> None:
    y, x = np.mgrid[:360, :480]
    disc = 60 + 120 / (1 + np.exp(np.hypot(x - 230, y - 170) - radius))
    rgb = np.repeat(disc[..., None], 3, axis=2).astype(np.uint8)
    best = propose_circles(Pyramid.of(rgb))[0]
    assert np.hypot(best[0] - 230, best[1] - 170) < max(2.0, 0.05 * radius)
    assert best[2] == pytest.approx(radius, rel=0.15)


def test_overlap_is_area_of_both_over_area_of_either() -> None:
    one = Ellipse((50.0, 50.0), (20.0, 20.0), 0.0)
    assert overlap(one, one) == 1.0
    assert overlap(one, Ellipse((50.0, 50.0), (20.0, 10.0), 45.0)) == pytest.approx(0.5, abs=0.02)
    assert overlap(one, Ellipse((200.0, 50.0), (20.0, 20.0), 0.0)) == 0.0


def test_a_path_is_placed_between_the_radii_where_the_gain_peaks() -> None:
    radii = np.linspace(1.0, 2.0, 11).astype(np.float32)
    gain = np.exp(-(((radii - 1.53) / 0.15) ** 2))[None, None].repeat(6, axis=1).astype(np.float32)
    radius, along = along_paths(gain, gain.argmax(axis=2), radii)
    assert radius[0] == pytest.approx([1.53] * 6, abs=0.01)
    assert along[0] == pytest.approx([gain.max()] * 6)
