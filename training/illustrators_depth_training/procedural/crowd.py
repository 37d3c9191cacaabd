"""Many things over one another: rows of figures, dead leaves, and things cut off by the frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..data.layered import LayeredImage
from .layer_canvas import LayerCanvas
from .outlines import random_outline

__all__ = ["make_crowd"]

Rng = np.random.Generator


def make_crowd(rng: Rng, size: int) -> LayeredImage:
    """10 to 40 things of size x size pixels, one generator state, one drawing.

    Rows from far to near, or leaves anywhere; now and then a large thing at the frame in front.
    """
    while True:
        page = None if rng.random() < 0.4 else rng.uniform(120, 255, 3)
        canvas = LayerCanvas(rng, size, page)
        if rng.random() < 0.55:
            _rows(canvas)
        else:
            _leaves(canvas)
        if rng.random() < 0.5:
            _at_the_frame(canvas)
        drawing = canvas.finish()
        if drawing is not None:
            return drawing


def _rows(canvas: LayerCanvas) -> None:
    """Figures in rows: each row stands lower, is larger, and hides the one behind."""
    rng = canvas.rng
    rows = int(rng.integers(2, 5))
    like = rng.random() < 0.5
    look = [canvas.fresh_color() for _ in range(3)]
    for row in range(rows):
        share = (row + 1) / rows
        height = rng.uniform(0.12, 0.22) * (0.6 + 0.8 * share)
        count = int(rng.integers(3, 8))
        base = 0.25 + 0.7 * share
        order = rng.permutation(count) if rng.random() < 0.5 else np.arange(count)
        for place in order:
            foot = np.array([(place + rng.uniform(0.2, 0.8)) / count, base + rng.normal(0, 0.015)])
            colors: list[NDArray[np.float64] | None] = [None, None, None]
            if like:
                colors = [c + rng.normal(0, 18, 3) for c in look]
            _figure(canvas, foot, height * rng.uniform(0.85, 1.15), colors)


def _figure(
    canvas: LayerCanvas,
    foot: NDArray[np.float64],
    height: float,
    colors: list[NDArray[np.float64] | None],
) -> None:
    """A body, perhaps something on it, and a head on top: two to four layers."""
    rng = canvas.rng
    body = random_outline(rng) * [height * rng.uniform(0.25, 0.4), height * 0.4]
    middle = foot - [0.0, height * 0.4]
    canvas.put_polygons([body + middle], colors[0])
    if rng.random() < 0.5:
        patch = random_outline(rng) * height * rng.uniform(0.08, 0.16)
        canvas.put_polygons([patch + middle], colors[1])
    head = random_outline(rng) * height * rng.uniform(0.14, 0.22)
    canvas.put_polygons([head + foot - [0.0, height * 0.85]], colors[2])


def _leaves(canvas: LayerCanvas) -> None:
    """Leaves fallen anywhere: later ones lie on earlier ones, sizes by a power law."""
    rng = canvas.rng
    for _ in range(int(rng.integers(10, 36))):
        radius = min(0.05 * rng.random() ** -0.7, 0.3)
        centre = rng.uniform(-0.05, 1.05, 2)
        leaf = random_outline(rng) * [radius, radius * rng.uniform(0.3, 1.0)]
        turn = rng.uniform(0, 2 * np.pi)
        c, s = np.cos(turn), np.sin(turn)
        leaf = leaf @ np.array([[c, s], [-s, c]])
        canvas.put_polygons([leaf + centre])
        if rng.random() < 0.25:  # a vein
            vein = np.array([[-radius, 0.0], [radius, 0.0]]) @ np.array([[c, s], [-s, c]])
            canvas.put(canvas.lines([vein * 0.8 + centre], rng.uniform(0.004, 0.012)))


def _at_the_frame(canvas: LayerCanvas) -> None:
    """A head in the foreground, a branch, a curtain: cut off by the picture's edge."""
    rng = canvas.rng
    side = int(rng.integers(4))
    along = rng.uniform(0.0, 1.0)
    centre = np.array([(along, 0.0), (along, 1.0), (0.0, along), (1.0, along)][side])
    radius = rng.uniform(0.15, 0.4)
    dark = rng.uniform(0, 90, 3) if rng.random() < 0.6 else canvas.fresh_color()
    canvas.put_polygons([random_outline(rng) * radius + centre], dark)
    if rng.random() < 0.5:
        canvas.put_polygons([random_outline(rng) * radius * 0.4 + centre])
