"""One drawing on a backdrop instead of a white page: the backdrop is one layer, however rich."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from ..data.layered import LayeredImage
from ..data.scenes.compose import cut_out
from .noise import Field, color_ramp, fractal, soft_noise, strokes

__all__ = ["make_backdrop", "put_on_backdrop"]

Rng = np.random.Generator
_MAX_TRIES = 4
_MIN_CONTRAST = 28.0  # of 255, between a drawing's rim and what lies behind it, on average


def put_on_backdrop(rng: Rng, drawing: LayeredImage) -> LayeredImage:
    """Replace the page (index 1) by a backdrop; the same drawing where it has no page.

    Backdrops in which the drawing's outline would be lost are drawn again.
    """
    page = drawing.index == 1
    if not page.any() or page.all():
        return drawing
    cutout = cut_out(drawing)
    inside = (~page).astype(np.float32)
    alpha = cv2.blur(inside, (3, 3))[..., None]
    rim = (alpha[..., 0] > 0) & (alpha[..., 0] < 1)
    best: tuple[float, Field] | None = None
    for _ in range(_MAX_TRIES):
        backdrop = make_backdrop(rng, drawing.index.shape)
        contrast = (
            np.abs(cutout.colors[rim] - backdrop[rim]).max(axis=-1).mean() if rim.any() else 0
        )
        if best is None or contrast > best[0]:
            best = (float(contrast), backdrop)
        if contrast >= _MIN_CONTRAST:
            break
    assert best is not None
    mixed = alpha * cutout.colors + (1 - alpha) * best[1]
    return replace(drawing, rgb=np.clip(mixed, 0, 255).astype(np.uint8))


def make_backdrop(rng: Rng, shape: tuple[int, ...]) -> Field:
    """A backdrop float32 (H, W, 3), 0..255: plain, gradient, painted, blurred, mosaic, low-poly."""
    kinds = (_plain, _gradient, _gradient, _painted, _painted, _blurred, _mosaic, _facets)
    return kinds[int(rng.integers(len(kinds)))](rng, (shape[0], shape[1]))


def _colors(rng: Rng, count: int) -> Field:
    """Colours that go together: near one another, or anything."""
    first = rng.uniform(0, 255, 3)
    if rng.random() < 0.6:
        spread = rng.uniform(15, 70)
        return np.clip(first + rng.normal(0, spread, (count, 3)), 0, 255).astype(np.float32)
    return rng.uniform(0, 255, (count, 3)).astype(np.float32)


def _plain(rng: Rng, shape: tuple[int, int]) -> Field:
    return np.broadcast_to(_colors(rng, 1)[0], (*shape, 3)).copy()


def _gradient(rng: Rng, shape: tuple[int, int]) -> Field:
    height, width = shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = columns / width - rng.uniform(0.2, 0.8), rows / height - rng.uniform(0.2, 0.8)
    if rng.random() < 0.4:
        ramp = np.hypot(x, y) / 1.2
    else:
        angle = rng.uniform(0, 2 * np.pi)
        ramp = 0.5 + 0.6 * (x * np.cos(angle) + y * np.sin(angle))
    return color_ramp(np.clip(ramp, 0, 1).astype(np.float32), _colors(rng, int(rng.integers(2, 4))))


def _painted(rng: Rng, shape: tuple[int, int]) -> Field:
    """Brush work: slow changes of colour, and strokes in a direction or two."""
    field = fractal(rng, shape, max(shape) * rng.uniform(0.15, 0.6))
    for _ in range(int(rng.integers(1, 3))):
        length = int(rng.integers(6, 22))
        field += rng.uniform(0.02, 0.1) * strokes(rng, shape, length, rng.uniform(0, np.pi))
    return color_ramp(np.clip(field, 0, 1), _colors(rng, int(rng.integers(2, 5))))


def _blurred(rng: Rng, shape: tuple[int, int]) -> Field:
    """A photograph out of focus: blobs of light and a slow ground."""
    height, width = shape
    out = color_ramp(fractal(rng, shape, max(shape) / 2, 2), _colors(rng, 3))
    for color in _colors(rng, int(rng.integers(3, 14))):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        radius = int(max(shape) * rng.uniform(0.02, 0.16))
        disc = np.zeros(shape, np.float32)
        cv2.circle(disc, centre, radius, float(rng.uniform(0.3, 0.9)), -1)
        out += disc[..., None] * (color - out)
    sigma = float(max(shape) * rng.uniform(0.008, 0.04))
    return cv2.GaussianBlur(out, (0, 0), sigma)


def _mosaic(rng: Rng, shape: tuple[int, int]) -> Field:
    """Tiles of slightly different colours, perhaps with joints: one layer all the same."""
    height, width = shape
    tile = int(rng.integers(4, 20))
    rows, columns = height // tile + 2, width // tile + 2
    field = cv2.resize(fractal(rng, shape, max(shape) / 2, 2), (columns, rows))
    field = np.clip(field + rng.normal(0, rng.uniform(0.03, 0.25), field.shape), 0, 1)
    tiles = color_ramp(field.astype(np.float32), _colors(rng, int(rng.integers(2, 5))))
    out = cv2.resize(tiles, (columns * tile, rows * tile), interpolation=cv2.INTER_NEAREST)
    if rng.random() < 0.5:
        joint = _colors(rng, 1)[0]
        out[::tile], out[:, ::tile] = joint, joint
    top, left = (int(v) for v in rng.integers(0, tile, 2))
    return np.ascontiguousarray(out[top : top + height, left : left + width])


def _facets(rng: Rng, shape: tuple[int, int]) -> Field:
    """Low-poly: flat cells around random points."""
    height, width = shape
    count = int(rng.integers(12, 90))
    seeds = np.full(shape, 255, np.uint8)
    seeds[rng.integers(0, height, count), rng.integers(0, width, count)] = 0
    _, label = cv2.distanceTransformWithLabels(
        seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    cells = int(label.max()) + 1
    slow = soft_noise(rng, shape, max(shape) / 2)
    sums = np.bincount(label.ravel(), slow.ravel(), cells) / np.bincount(
        label.ravel(), minlength=cells
    ).clip(1)
    level = np.clip(0.5 + 0.3 * sums + rng.normal(0, 0.08, cells), 0, 1).astype(np.float32)
    return color_ramp(level[label], _colors(rng, int(rng.integers(2, 4))))
