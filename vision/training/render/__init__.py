"""Photos and strips of cartridge heads with exactly known pose and marks, to train and to measure on.

    from vision.training.render import render_scene, render_strip
    scene = render_scene(7, size=(640, 480))       # scene.rgb, scene.heads[0].outline, .elements
    rgb, truth = render_strip(7)                   # an unrolled ring and what is struck on it

Same seed, same bytes. Needs fonts (see fonts.py); serving never imports this package.
"""

from vision.training.render.marks import ElementSpec, MarkSpec, random_mark
from vision.training.render.scene import STYLES, photo_size, render_scene
from vision.training.render.strip import render_strip
from vision.training.render.truth import ElementTruth, HeadTruth, Scene, StripTruth

__all__ = [
    "STYLES",
    "ElementSpec",
    "ElementTruth",
    "HeadTruth",
    "MarkSpec",
    "Scene",
    "StripTruth",
    "photo_size",
    "random_mark",
    "render_scene",
    "render_strip",
]
