"""Where a head is in the photo: a pinhole camera, exact ellipses, and the case's wall behind the head."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from vision.training.render.truth import Array, Matrix
from vision.types import Ellipse


@dataclass(frozen=True, slots=True)
class Pose:
    """A head of radius 1 in camera coordinates (x right, y down, z away): its centre, and a frame (3, 3) whose columns
    are the head's x, its y and the way into the case. focal in pixels, middle_xy the principal point."""

    center: Matrix
    frame: Matrix
    focal: float
    middle_xy: tuple[float, float]

    @property
    def plane_to_photo(self) -> Matrix:
        """Homography of the head's plane to pixels."""
        return self.camera @ np.column_stack([self.frame[:, 0], self.frame[:, 1], self.center])

    @property
    def camera(self) -> Matrix:
        return np.array([[self.focal, 0, self.middle_xy[0]], [0, self.focal, self.middle_xy[1]], [0, 0, 1.0]])

    @property
    def view(self) -> tuple[float, float, float]:
        """Direction from the head to the lens in the head's frame, z out of the head."""
        v = -self.frame.T @ self.center / np.linalg.norm(self.center)
        return float(v[0]), float(v[1]), float(-v[2])

    def project(self, points: Matrix) -> Matrix:
        """Points (N, 3) in the head's frame (z into the case) as pixels (N, 2)."""
        p = (points @ self.frame.T + self.center) @ self.camera.T
        return np.asarray(p[:, :2] / p[:, 2:], np.float64)


def _rotation(axis: Matrix, angle: float) -> Matrix:
    return np.asarray(cv2.Rodrigues(axis * angle)[0], np.float64)


def make_pose(
    center_xy: tuple[float, float],
    radius: float,
    tilt_deg: float,
    toward_deg: float,
    focal: float,
    size: tuple[int, int],
) -> Pose:
    """A head at a pixel, about radius pixels large, leaning tilt_deg towards a direction of the photo. Its frame is
    turned so that flattening it does not rotate it: the homography's Jacobian at the pocket is symmetric."""
    middle = ((size[0] - 1) / 2, (size[1] - 1) / 2)
    distance = focal / radius
    center = np.array([(center_xy[0] - middle[0]) / focal, (center_xy[1] - middle[1]) / focal, 1.0]) * distance
    a = math.radians(toward_deg)
    frame = _rotation(np.array([-math.sin(a), math.cos(a), 0.0]), math.radians(tilt_deg))
    pose = Pose(center, frame, focal, middle)
    h = pose.plane_to_photo
    jacobian = (h[:2, :2] - np.outer(h[:2, 2] / h[2, 2], h[2, :2])) / h[2, 2]
    turn = math.atan2(jacobian[1, 0] - jacobian[0, 1], jacobian[0, 0] + jacobian[1, 1])
    return Pose(center, frame @ _rotation(np.array([0.0, 0.0, 1.0]), -turn), focal, middle)


def outline(plane_to_photo: Matrix) -> Ellipse:
    """The image of the unit circle under a homography, exactly (the conic H^-T diag(1, 1, -1) H^-1)."""
    inverse = np.linalg.inv(plane_to_photo)
    conic = inverse.T @ np.diag([1.0, 1.0, -1.0]) @ inverse
    quadratic, linear = conic[:2, :2], conic[:2, 2]
    center = -np.linalg.solve(quadratic, linear)
    level = -(conic[2, 2] + linear @ center)
    values, vectors = np.linalg.eigh(quadratic / level)
    axes = 1 / np.sqrt(values)
    long = vectors[:, 0]
    angle = math.degrees(math.atan2(long[1], long[0])) % 180
    return Ellipse((float(center[0]), float(center[1])), (float(axes[0]), float(axes[1])), angle)


def ellipse_cover(ellipse: Ellipse, x: Array, y: Array) -> Array:
    """How much of each pixel (x, y) an ellipse covers, 0..1, from the first-order distance to its edge."""
    c, s = math.cos(math.radians(ellipse.angle_deg)), math.sin(math.radians(ellipse.angle_deg))
    dx, dy = x - np.float32(ellipse.center_xy[0]), y - np.float32(ellipse.center_xy[1])
    a, b = ellipse.semi_axes
    u, v = (c * dx + s * dy) / np.float32(a * a), (c * dy - s * dx) / np.float32(b * b)
    value = np.sqrt(u * u * np.float32(a * a) + v * v * np.float32(b * b))
    steep = np.sqrt(u * u + v * v) / np.maximum(value, np.float32(1e-6))
    return np.asarray(np.clip((1 - value) / np.maximum(steep, np.float32(1e-9)) + 0.5, 0, 1), np.float32)


def case_hull(pose: Pose, near: float, far: float, radius: float, far_radius: float) -> Matrix:
    """The outline (N, 2) in pixels of a piece of the case between two depths."""
    t = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    rings = [
        np.column_stack([r * np.cos(t), r * np.sin(t), np.full_like(t, z)])
        for z, r in ((near, radius), (far, far_radius))
    ]
    points = pose.project(np.vstack(rings)).astype(np.float32)
    return np.asarray(cv2.convexHull(points)[:, 0], np.float64)


def wall_coordinates(pose: Pose, x: Array, y: Array, radius: float) -> tuple[Array, Array]:
    """For pixels (H, W), where their rays first meet a cylinder of a radius round the case's axis: depth into the case
    and angle. Rays that miss are given the nearest point's values, so that edges can be smoothed."""
    away = pose.frame.T
    origin = -away @ pose.center
    px, py = (x - pose.middle_xy[0]) / pose.focal, (y - pose.middle_xy[1]) / pose.focal
    d = [(away[i, 0] * px + away[i, 1] * py + away[i, 2]).astype(np.float32) for i in range(3)]
    a = d[0] * d[0] + d[1] * d[1] + np.float32(1e-9)
    b = d[0] * np.float32(origin[0]) + d[1] * np.float32(origin[1])
    c = np.float32(origin[0] ** 2 + origin[1] ** 2 - radius * radius)
    t = (-b - np.sqrt(np.maximum(b * b - a * c, 0))) / a
    depth = np.float32(origin[2]) + t * d[2]
    angle = np.arctan2(np.float32(origin[1]) + t * d[1], np.float32(origin[0]) + t * d[0])
    return depth, angle.astype(np.float32)
