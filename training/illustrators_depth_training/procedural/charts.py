"""Text and charts: labels, bars, pies, curves, callouts, with letters as shapes of their own."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from illustrators_depth.errors import InputError

from ..data.layered import LayeredImage
from .layer_canvas import LayerCanvas

__all__ = ["make_chart"]

Rng = np.random.Generator
Box = tuple[float, float, float, float]  # left, top, right, bottom, 0..1
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%&?!"


def make_chart(rng: Rng, size: int) -> LayeredImage:
    """A poster, chart or diagram of size x size pixels; one generator state gives one."""
    while True:
        page = None if rng.random() < 0.6 else rng.uniform(0, 255, 3)
        canvas = LayerCanvas(rng, size, page)
        box = (0.08, 0.08, 0.92, 0.92)
        if rng.random() < 0.5:
            canvas.put(_rectangle(canvas, (0.04, 0.04, 0.96, 0.96)))
        for _ in range(int(rng.integers(1, 3))):
            _PARTS[int(rng.integers(len(_PARTS)))](canvas, _part_of(rng, box))
        if rng.random() < 0.7:
            height = rng.uniform(0.06, 0.16)
            _text(canvas, (rng.uniform(0.03, 0.3), rng.uniform(0.0, 0.9)), height)
        drawing = canvas.finish()
        if drawing is not None:
            return drawing


def _part_of(rng: Rng, box: Box) -> Box:
    left, top, right, bottom = box
    width, height = (right - left) * rng.uniform(0.5, 1.0), (bottom - top) * rng.uniform(0.5, 1.0)
    x, y = (
        left + (right - left - width) * rng.random(),
        top + (bottom - top - height) * rng.random(),
    )
    return x, y, x + width, y + height


def _rectangle(canvas: LayerCanvas, box: Box) -> NDArray[np.bool_]:
    left, top, right, bottom = box
    return canvas.polygons([np.array([[left, top], [right, top], [right, bottom], [left, bottom]])])


@lru_cache(maxsize=64)
def _font(pixels: int) -> Any:
    """Pillow's own font at a height; InputError when this Pillow has none."""
    try:
        return ImageFont.load_default(pixels)
    except (OSError, ImportError, TypeError) as error:
        raise InputError(
            f"Pillow has no scalable font here ({error}); install pillow with FreeType, or leave "
            "the source `charts` out of the config."
        ) from None


def _text(canvas: LayerCanvas, corner: tuple[float, float], height: float) -> None:
    """A word or a few, in one colour, as one layer."""
    rng = canvas.rng
    word = "".join(rng.choice(list(_LETTERS), int(rng.integers(2, 10))))
    image = Image.new("L", (canvas.side, canvas.side))
    at = (corner[0] * canvas.side, corner[1] * canvas.side)
    ImageDraw.Draw(image).text(at, word, 255, _font(max(8, round(height * canvas.side))))
    canvas.put(np.asarray(image) >= 128)


def _bars(canvas: LayerCanvas, box: Box) -> None:
    rng = canvas.rng
    left, top, right, bottom = box
    count, one_color = int(rng.integers(3, 9)), rng.random() < 0.4
    if rng.random() < 0.6:  # lines behind the bars
        levels = np.linspace(top, bottom, int(rng.integers(3, 7)))
        grid = [np.array([[left, y], [right, y]]) for y in levels]
        canvas.put(canvas.lines(grid, 0.006), rng.uniform(150, 230, 3))
    pitch = (right - left) / count
    overlap = rng.uniform(0.5, 1.3)
    tops = bottom - (bottom - top) * rng.uniform(0.1, 1.0, count)
    masks = [
        _rectangle(canvas, (left + i * pitch, tops[i], left + (i + overlap) * pitch, bottom))
        for i in range(count)
    ]
    if one_color:
        canvas.put(np.any(masks, axis=0))
    else:
        for mask in masks:
            canvas.put(mask)
    axes = [np.array([[left, top], [left, bottom], [right, bottom]])]
    canvas.put(canvas.lines(axes, rng.uniform(0.006, 0.015)), rng.uniform(0, 80, 3))


def _pie(canvas: LayerCanvas, box: Box) -> None:
    rng = canvas.rng
    centre = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
    radius = min(box[2] - box[0], box[3] - box[1]) / 2
    turns = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 8))))
    t = np.linspace(0, 2 * np.pi, 80)
    ring = centre + radius * np.stack([np.cos(t), np.sin(t)], axis=1)
    canvas.put(canvas.polygons([ring]))
    for start, end in pairwise(turns):
        t = np.linspace(start, end, 24)
        arc = centre + radius * np.stack([np.cos(t), np.sin(t)], axis=1)
        canvas.put(canvas.polygons([np.concatenate([centre[None], arc])]))
    if rng.random() < 0.4:
        canvas.put(canvas.polygons([centre + (ring - centre) * rng.uniform(0.3, 0.6)]))


def _curves(canvas: LayerCanvas, box: Box) -> None:
    rng = canvas.rng
    left, top, right, bottom = box
    x = np.linspace(left, right, 40)
    for _ in range(int(rng.integers(1, 5))):
        wave = np.cumsum(rng.normal(0, 0.03, len(x))) + rng.uniform(top, bottom)
        path = np.stack([x, np.clip(wave, top, bottom)], axis=1)
        if rng.random() < 0.4:  # an area below it
            canvas.put(canvas.polygons([np.concatenate([path, [[right, bottom], [left, bottom]]])]))
        canvas.put(canvas.lines([path], rng.uniform(0.006, 0.025)))
        if rng.random() < 0.5:
            t = np.linspace(0, 2 * np.pi, 14)
            dot = rng.uniform(0.008, 0.02) * np.stack([np.cos(t), np.sin(t)], axis=1)
            canvas.put(canvas.polygons([dot + point for point in path[::6]]))


def _callout(canvas: LayerCanvas, box: Box) -> None:
    """A bubble with a tail, a border or a shadow, and text on it."""
    rng = canvas.rng
    left, top, right, bottom = box
    bottom = top + (bottom - top) * rng.uniform(0.3, 0.7)
    tail = np.array([[0.3, 0.0], [0.5, 0.0], [rng.uniform(0.0, 0.8), 0.18]])
    tail = tail * [right - left, 1.0] + [left, bottom - 0.005]
    bubble = _rectangle(canvas, (left, top, right, bottom)) | canvas.polygons([tail])
    if rng.random() < 0.4:
        shift = max(1, round(0.012 * canvas.side))
        canvas.put(np.roll(bubble, (shift, shift), (0, 1)), rng.uniform(0, 120, 3))
    canvas.put(bubble)
    lines = int(rng.integers(1, 4))
    height = 0.7 * (bottom - top) / lines
    for line in range(lines):
        _text(canvas, (left + 0.03, top + line * (bottom - top) / lines), height * 0.8)


def _boxes(canvas: LayerCanvas, box: Box) -> None:
    """A diagram: boxes joined by lines beneath them, a label on each."""
    rng = canvas.rng
    count = int(rng.integers(2, 6))
    width, height = 0.24, 0.14
    corners = rng.uniform([box[0], box[1]], [box[2] - width, box[3] - height], (count, 2))
    middles = corners + np.array([width / 2, height / 2])
    canvas.put(canvas.lines([middles], rng.uniform(0.006, 0.02)), rng.uniform(0, 120, 3))
    for x, y in corners:
        canvas.put(_rectangle(canvas, (x, y, x + width, y + height)))
        if rng.random() < 0.7:
            _text(canvas, (x + 0.02, y + 0.03), 0.07)


_PARTS = (_bars, _pie, _curves, _callout, _boxes)
