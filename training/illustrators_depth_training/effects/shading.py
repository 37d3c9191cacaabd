"""Light and paint inside each layer: gradients, pillow shading, rims, grain, strokes, wet edges.

All layers are done at once: per-layer amounts are looked up by index, distances are to the nearest
border of any layer.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .noise import Field, grain, soft_noise, strokes

__all__ = ["grain_layers", "shade_layers", "wobble"]

Rng = np.random.Generator
Rgb = NDArray[np.uint8]
Index = NDArray[np.int32]

_SHADED_SHARE = 0.7  # of the layers of a shaded picture


def border_distance(index: Index) -> Field:
    """Pixels to the nearest border between layers or of the picture's content: float32 (H, W)."""
    inner = np.ones(index.shape, np.uint8)
    for axis in (0, 1):
        cut = np.diff(index, axis=axis) != 0
        if axis == 0:
            inner[1:][cut], inner[:-1][cut] = 0, 0
        else:
            inner[:, 1:][cut], inner[:, :-1][cut] = 0, 0
    if inner.all():
        return np.full(index.shape, float(max(index.shape)), np.float32)
    return cv2.distanceTransform(inner, cv2.DIST_L2, 3)


def shade_layers(rng: Rng, rgb: Rgb, index: Index) -> Rgb:
    """Light each layer on its own: a linear or radial gradient, a pillow, a rim, or some of these.

    rgb: uint8 (H, W, 3); index: int32 (H, W).
    """
    count = int(index.max()) + 1
    height, width = index.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    area = np.bincount(index.ravel(), minlength=count).clip(1)
    middle_y = np.bincount(index.ravel(), rows.ravel(), count) / area
    middle_x = np.bincount(index.ravel(), columns.ravel(), count) / area
    extent = np.sqrt(area).astype(np.float32)
    lit = rng.random(count) < _SHADED_SHARE
    y = (rows - middle_y.astype(np.float32)[index]) / extent[index]
    x = (columns - middle_x.astype(np.float32)[index]) / extent[index]
    light = np.zeros(index.shape, np.float32)
    kinds = rng.random(3) < (0.7, 0.35, 0.4)
    # One light for the picture, with a few layers that disobey.
    angle = rng.uniform(0, 2 * np.pi) + rng.normal(0, 0.35, count) * (rng.random(count) < 0.5)
    if kinds[0] or not kinds.any():
        amount = (rng.uniform(0.1, 0.45) * lit * rng.choice([1, 1, 1, -1], count)).astype(
            np.float32
        )
        if rng.random() < 0.3:
            light += amount[index] * (0.6 - np.hypot(x, y))
        else:
            slope_x = (amount * np.cos(angle)).astype(np.float32)
            slope_y = (amount * np.sin(angle)).astype(np.float32)
            light += slope_x[index] * x + slope_y[index] * y
    if kinds[1] or kinds[2]:
        distance = border_distance(index)
        if kinds[1]:
            reach = (extent * rng.uniform(0.1, 0.4)).clip(2.0).astype(np.float32)
            amount = (rng.uniform(0.1, 0.4) * lit).astype(np.float32)
            light -= amount[index] * np.exp(-distance / reach[index])
        if kinds[2]:
            side = cv2.GaussianBlur(distance, (0, 0), 1.5)
            facing = np.cos(angle.mean()) * cv2.Sobel(side, cv2.CV_32F, 1, 0, ksize=3)
            facing += np.sin(angle.mean()) * cv2.Sobel(side, cv2.CV_32F, 0, 1, ksize=3)
            near = np.exp(-distance / rng.uniform(1.5, 5.0))
            light += rng.uniform(0.04, 0.12) * facing.clip(-3, 3) * near * lit[index]
    return _apply_light(rng, rgb, light)


def _apply_light(rng: Rng, rgb: Rgb, light: Field) -> Rgb:
    """Add light: bright towards a warm or cool white, dark by taking away."""
    white = (255.0 - rng.uniform(0, 70, 3)).astype(np.float32)
    base = rgb.astype(np.float32)
    up = np.clip(light, 0, 0.8)[..., None]
    down = np.clip(light, -0.7, 0)[..., None]
    return np.clip(base + up * (white - base) + down * base, 0, 255).astype(np.uint8)


def grain_layers(rng: Rng, rgb: Rgb, index: Index) -> Rgb:
    """Give layers a material: grain, strokes in a direction of their own, or wet edges."""
    count = int(index.max()) + 1
    amount = (rng.uniform(4, 26) * rng.random(count) ** 0.7).astype(np.float32)
    amount *= rng.random(count) < 0.75
    field = np.zeros(index.shape, np.float32)
    which = rng.integers(0, 3, count).astype(np.int32)
    textures = [
        grain(rng, index.shape, float(rng.uniform(0.0, 1.6))),
        strokes(rng, index.shape, int(rng.integers(6, 18)), rng.uniform(0, np.pi)),
        strokes(rng, index.shape, int(rng.integers(6, 18)), rng.uniform(0, np.pi)),
    ]
    for number, texture in enumerate(textures):
        field += texture * (amount * (which == number))[index]
    if rng.random() < 0.4:  # pigment gathers where paint dries last
        wet = (rng.uniform(10, 45) * (rng.random(count) < 0.7)).astype(np.float32)
        field -= wet[index] * np.exp(-border_distance(index) / rng.uniform(1.0, 3.0))
    tint = (1.0 + rng.normal(0, 0.15, 3)).astype(np.float32)
    return np.clip(rgb + field[..., None] * tint, 0, 255).astype(np.uint8)


def wobble(rng: Rng, rgb: Rgb, index: Index) -> tuple[Rgb, Index]:
    """Shake all outlines as an unsteady hand or torn paper does, picture and truth together."""
    height, width = index.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    cell = max(3.0, height * float(np.exp(rng.uniform(np.log(0.015), np.log(0.08)))))
    reach = cell * rng.uniform(0.08, 0.25)
    x = columns + reach * soft_noise(rng, index.shape, cell)
    y = rows + reach * soft_noise(rng, index.shape, cell)
    moved = cv2.remap(rgb, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    truth = cv2.remap(
        index.astype(np.float32), x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, np.uint8), truth.astype(np.int32)
