"""Procedural backgrounds as illustrators make them: a colour, a gradient, bands, hills, tiles."""

from __future__ import annotations

import colorsys

import cv2
import numpy as np

__all__ = ["make_background"]

_PLAIN_SHARE = 0.3  # of scenes stay on white or one colour
_DRAWN_AT = 2  # times the size, then reduced: anti-aliased edges


Painted = tuple[np.ndarray, list[np.ndarray]]
"""float32 (S, S, 3) RGB 0..255, and the full shapes of its layers, bool (S, S), lowest first."""


def make_background(rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return float32 (S, S, 3) RGB 0..255 and full shapes bool (N, S, S), lowest first, N 1 to ~10.

    The lowest layer is everywhere.
    """
    side = size * _DRAWN_AT
    picture = np.empty((side, side, 3), np.float32)
    picture[:] = 255.0 if rng.random() < 0.3 else _color(rng, pale=True)
    shapes = [np.ones((side, side), np.bool_)]
    if rng.random() >= _PLAIN_SHARE:
        kind = (_gradient, _hills, _bands, _shapes, _frame)[int(rng.integers(5))]
        picture, shapes = kind(rng, picture, shapes)
    small = cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)
    return small, np.stack([shape[::_DRAWN_AT, ::_DRAWN_AT] for shape in shapes])


def _color(rng: np.random.Generator, pale: bool = False) -> np.ndarray:
    saturation = rng.uniform(0.05, 0.5) if pale else rng.uniform(0.2, 0.95)
    value = rng.uniform(0.75, 1.0) if pale else rng.uniform(0.25, 1.0)
    return np.round(
        np.array(colorsys.hsv_to_rgb(float(rng.random()), float(saturation), float(value))) * 255
    ).astype(np.float32)


def _paint(
    picture: np.ndarray, shapes: list[np.ndarray], mask: np.ndarray, color: np.ndarray
) -> Painted:
    return np.where(mask[..., None], color, picture), [*shapes, mask]


def _gradient(rng: np.random.Generator, picture: np.ndarray, shapes: list[np.ndarray]) -> Painted:
    side = len(picture)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    if rng.random() < 0.7:
        angle = rng.uniform(0, 2 * np.pi)
        ramp = np.clip((x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle) + 0.5, 0, 1)
    else:
        ramp = np.clip(np.hypot(x - rng.uniform(0.2, 0.8), y - rng.uniform(0.2, 0.8)), 0, 1)
    first, second = _color(rng, pale=rng.random() < 0.5), _color(rng)
    return (first + ramp[..., None] * (second - first)).astype(np.float32), shapes


def _hills(rng: np.random.Generator, picture: np.ndarray, shapes: list[np.ndarray]) -> Painted:
    """A sky with perhaps a sun, and rows of hills, each in front of the last."""
    side = len(picture)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    if rng.random() < 0.5:
        sun = np.hypot(x - rng.uniform(0.1, 0.9), y - rng.uniform(0.1, 0.4))
        picture, shapes = _paint(picture, shapes, sun < rng.uniform(0.05, 0.16), _color(rng))
    level = rng.uniform(0.35, 0.6)
    for _ in range(int(rng.integers(1, 5))):
        wave = sum(
            rng.uniform(0.01, 0.07) * np.sin(2 * np.pi * (k * x + rng.random())) / k
            for k in (1, 2, 3)
        )
        picture, shapes = _paint(picture, shapes, y > level + wave, _color(rng))
        level += rng.uniform(0.08, 0.2)
    return picture, shapes


def _bands(rng: np.random.Generator, picture: np.ndarray, shapes: list[np.ndarray]) -> Painted:
    """A wall and a floor, a table, a stage: straight bands, or rays from a point."""
    side = len(picture)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    if rng.random() < 0.3:
        turn = np.arctan2(y - rng.uniform(0.3, 0.7), x - rng.uniform(0.3, 0.7))
        rays = int(rng.integers(4, 14))
        return _paint(picture, shapes, np.floor(turn * rays / np.pi) % 2 == 0, _color(rng))
    across = y if rng.random() < 0.6 else x
    edge = rng.uniform(0.1, 0.5)
    for _ in range(int(rng.integers(1, 6))):
        picture, shapes = _paint(picture, shapes, across > edge, _color(rng))
        edge += rng.uniform(0.06, 0.3)
    return picture, shapes


def _shapes(rng: np.random.Generator, picture: np.ndarray, shapes: list[np.ndarray]) -> Painted:
    """Large overlapping discs and rectangles, or a field of small dots."""
    side = len(picture)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    if rng.random() < 0.3:
        cells = int(rng.integers(4, 12))
        near = np.hypot(x * cells % 1 - 0.5, y * cells % 1 - 0.5)
        return _paint(picture, shapes, near < rng.uniform(0.12, 0.4), _color(rng))
    for _ in range(int(rng.integers(1, 7))):
        centre, extent = rng.uniform(0, 1, 2), rng.uniform(0.08, 0.45, 2)
        if rng.random() < 0.5:
            mask = np.hypot(x - centre[0], y - centre[1]) < extent[0]
        else:
            mask = (np.abs(x - centre[0]) < extent[0]) & (np.abs(y - centre[1]) < extent[1])
        picture, shapes = _paint(picture, shapes, mask, _color(rng))
    return picture, shapes


def _frame(rng: np.random.Generator, picture: np.ndarray, shapes: list[np.ndarray]) -> Painted:
    """A card: a rounded panel with a border on the page."""
    side = len(picture)
    inset = int(side * rng.uniform(0.03, 0.12))
    for _ in range(int(rng.integers(1, 4))):
        mask = np.zeros((side, side), np.uint8)
        radius = int(side * rng.uniform(0.0, 0.1))
        low, high = inset, side - inset
        if high - low < 2 * radius + 8:
            break
        cv2.rectangle(mask, (low + radius, low), (high - radius, high), 1, -1)
        cv2.rectangle(mask, (low, low + radius), (high, high - radius), 1, -1)
        for corner_x in (low + radius, high - radius):
            for corner_y in (low + radius, high - radius):
                cv2.circle(mask, (corner_x, corner_y), radius, 1, -1)
        picture, shapes = _paint(picture, shapes, mask > 0, _color(rng))
        inset += int(side * rng.uniform(0.01, 0.06))
    return picture, shapes
