"""Drawings as they come back from the world: compressed, printed, lit, shrunk.

Each degradation is a pure function of a drawing and a seed made from its key, in whole numbers, so
that every machine measures on the same bytes. The truth stays what it was; only "192px" has
fewer pixels of it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ..samples.drawings import Drawing, Drawings

__all__ = ["DEGRADATIONS", "DegradedDrawings", "degrade"]

Rgb = NDArray[np.uint8]
Index = NDArray[np.int32]
Rng = np.random.Generator

_SMALL_SIDE_PX = 192
_JPEG_QUALITY = 60
# Of 256: how far each texture or light goes from the picture's own value.
_WEAVE_SHADE, _THREAD_SHADE = 36, 14
_GRAIN_SHADE, _MOTTLE_SHADE = 10, 14
_LAYER_SHADE = 56
_PAPER_TINT = (252, 248, 236)
# Directions of gradients, (x, y) of about the same length.
_DIRECTIONS = ((5, 0), (4, 3), (3, 4), (0, 5), (-3, 4), (-4, 3))


def _jpeg(rgb: Rgb, _index: Index, _rng: Rng) -> Rgb:
    data = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1]
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


def _canvas(rgb: Rgb, index: Index, rng: Rng) -> Rgb:
    """A plain weave: threads go over and under one another, each of its own shade."""
    height, width = index.shape
    pitch = max(2, max(height, width) // 128)
    y, x = np.indices(index.shape, sparse=True)
    across, along = y // pitch, x // pitch
    over = (across + along) % 2 == 0
    weft = rng.integers(-_THREAD_SHADE, _THREAD_SHADE + 1, int(across.max()) + 1)
    warp = rng.integers(-_THREAD_SHADE, _THREAD_SHADE + 1, int(along.max()) + 1)
    # A thread is bright along its middle and dark at its sides.
    profile = np.abs(2 * np.arange(pitch) - (pitch - 1))
    round_of = (_WEAVE_SHADE * profile) // max(int(profile.max()), 1)
    shade = np.where(over, weft[across] - round_of[y % pitch], warp[along] - round_of[x % pitch])
    return _shaded(rgb, shade)


def _paper(rgb: Rgb, index: Index, rng: Rng) -> Rgb:
    """Toned paper with grain and mottling."""
    height, width = index.shape
    grain = cv2.blur(rng.integers(0, 256, (height, width)).astype(np.uint8), (2, 2))
    coarse = rng.integers(0, 256, (height // 24 + 2, width // 24 + 2)).astype(np.uint8)
    mottle = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    shade = (grain.astype(np.int64) - 128) * _GRAIN_SHADE // 64
    shade += (mottle.astype(np.int64) - 128) * _MOTTLE_SHADE // 128
    tinted = (rgb.astype(np.int64) * np.array(_PAPER_TINT) + 127) // 255
    return _shaded(tinted.astype(np.uint8), shade - _GRAIN_SHADE)


def _backdrop(rgb: Rgb, index: Index, rng: Rng) -> Rgb:
    """The page becomes a gradient from one colour to another; what is drawn stays."""
    ends = rng.integers(70, 246, (2, 3))
    ramp = _ramp(index.shape, rng)[..., None]
    gradient = (ends[0] * (256 - ramp) + ends[1] * ramp) // 256
    page = index == index.min()
    # On the page's side an edge is a blend with white: multiplied, it blends with the gradient.
    multiplied = (rgb.astype(np.int64) * gradient + 127) // 255
    return np.where(page[..., None], multiplied, rgb).astype(np.uint8)


def _shaded_layers(rgb: Rgb, index: Index, rng: Rng) -> Rgb:
    """Every layer above the page is lit from somewhere, or rounded towards its edge."""
    shade = np.zeros(index.shape, np.int64)
    for layer in np.unique(index)[1:].tolist():
        mask = index == layer
        left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
        box = slice(top, top + height), slice(left, left + width)
        inside = np.ascontiguousarray(mask[box])
        light = 2 * _ramp(inside.shape, rng) - 256
        if rng.integers(2):
            light = 2 * _pillow(inside) - 256
        shade[box][inside] = (light[inside] * _LAYER_SHADE) // 256
    return _shaded(rgb, shade)


def _grey(rgb: Rgb, _index: Index, _rng: Rng) -> Rgb:
    luma = (rgb.astype(np.int64) @ np.array([77, 150, 29]) + 128) // 256
    return np.repeat(luma.astype(np.uint8)[..., None], 3, axis=2)


def _ramp(frame: tuple[int, ...], rng: Rng) -> NDArray[np.int64]:
    """0 to 256 across a frame in a direction drawn at random."""
    dx, dy = _DIRECTIONS[int(rng.integers(len(_DIRECTIONS)))]
    y, x = np.indices(frame, sparse=True)
    along = x * dx + y * dy
    low, high = int(along.min()), int(along.max())
    ramp = (along - low) * 256 // max(high - low, 1)
    return np.asarray(256 - ramp if rng.integers(2) else ramp, np.int64)


def _pillow(inside: NDArray[np.bool_]) -> NDArray[np.int64]:
    """0 at a mask's edge to 256 in its middle, by chessboard distance."""
    padded = np.pad(inside, 1).view(np.uint8)
    distance = cv2.distanceTransform(padded, cv2.DIST_C, 3)[1:-1, 1:-1].astype(np.int64)
    return np.asarray(distance * 256 // max(int(distance.max()), 1), np.int64)


def _shaded(rgb: Rgb, shade: NDArray[np.int64]) -> Rgb:
    """Scale a picture by (256 + shade) / 256 per pixel."""
    scaled = (rgb.astype(np.int64) * (256 + shade[..., None]) + 128) // 256
    return np.clip(scaled, 0, 255).astype(np.uint8)


_REPAINTED: dict[str, Callable[[Rgb, Index, Rng], Rgb]] = {
    "jpeg60": _jpeg,
    "canvas": _canvas,
    "paper": _paper,
    "backdrop": _backdrop,
    "shaded": _shaded_layers,
    "grey": _grey,
}
_SMALLER = "192px"
DEGRADATIONS = (*_REPAINTED, _SMALLER)


def degrade(drawing: Drawing, name: str) -> Drawing:
    """One drawing degraded in the way `name`, one of DEGRADATIONS.

    "192px" shrinks the picture by area and the index by its nearest pixel; its full shapes are
    left out.
    """
    if name == _SMALLER:
        return _shrunk(drawing)
    seed = zlib.crc32(f"{name}:{drawing.meta['key']}".encode())
    rgb = _REPAINTED[name](drawing.rgb, drawing.index, np.random.default_rng(seed))
    return replace(drawing, rgb=rgb)


def _shrunk(drawing: Drawing) -> Drawing:
    height, width = drawing.index.shape
    scale = min(1.0, _SMALL_SIDE_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(drawing.rgb, size, interpolation=cv2.INTER_AREA)
    index = cv2.resize(drawing.index, size, interpolation=cv2.INTER_NEAREST_EXACT)
    return replace(drawing, rgb=small, index=index, packed_shapes=None)


class DegradedDrawings:
    """The drawings of a set, each degraded in one way as it is read."""

    def __init__(self, drawings: Drawings, name: str) -> None:
        """Take the drawings of a set; `name` is one of DEGRADATIONS."""
        self._drawings, self._name = drawings, name
        self.meta, self.layers, self.sources = drawings.meta, drawings.layers, drawings.sources
        self.kinds = drawings.kinds

    def __len__(self) -> int:
        return len(self._drawings)

    def __getitem__(self, number: int) -> Drawing:
        return degrade(self._drawings[number], self._name)
