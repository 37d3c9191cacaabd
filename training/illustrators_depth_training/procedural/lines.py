"""Line drawings with known order: spirographs, nets, hatching, rays, scribbles.

Thin lines that cross leave hundreds of little fields of the page's colour. They are the page, seen
through the net, and not paper on top of it, which is what a network believes that has only seen
solid shapes (docs/training-log.md, "Hairlines").
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from ..data.layered import LayeredImage
from .outlines import random_outline

__all__ = ["make_lines"]

Rng = np.random.Generator
Lines = list[NDArray[np.float64]]

_OVERSAMPLE = 4
_SHIFT = 4  # cv2 takes points in sixteenths of a pixel


def make_lines(rng: np.random.Generator, size: int) -> LayeredImage:
    """One random line drawing of size x size pixels; one generator state gives one drawing.

    A page, perhaps a shape on it, and one to three nets of lines, each of one colour and one layer.
    """
    side = size * _OVERSAMPLE
    labels = np.zeros((side, side), np.uint8)
    colors = [np.full(3, 255.0) if rng.random() < 0.6 else rng.uniform(0, 255, 3)]
    centre, radius = 0.5 + rng.uniform(-0.08, 0.08, 2), rng.uniform(0.25, 0.48)
    clip = None
    hides: list[tuple[int, int]] = []
    if rng.random() < 0.35:
        shape = np.zeros_like(labels)
        outline = (random_outline(rng) * radius * rng.uniform(0.6, 1.1) + centre) * side
        cv2.fillPoly(shape, [np.round(outline).astype(np.int32)], 1)
        labels[shape > 0] = 1
        colors.append(_unlike(rng, colors))
        clip = shape if rng.random() < 0.3 else None
    for _ in range(1 if rng.random() < 0.7 else int(rng.integers(2, 4))):
        # In pixels of the finished picture; half a pixel is the thinnest that can still be seen.
        width = float(np.exp(rng.uniform(np.log(0.5), np.log(max(0.6, size / 60)))))
        net = np.zeros_like(labels)
        kind = _KINDS[int(rng.integers(len(_KINDS)))]
        points = [
            np.round((line * radius + centre) * side * (1 << _SHIFT)).astype(np.int32)
            for line in kind(rng)
        ]
        thick = max(1, round(width * _OVERSAMPLE))
        cv2.polylines(net, points, False, 1, thick, cv2.LINE_8, _SHIFT)
        shown = (net if clip is None else net & clip) > 0
        hides += [(int(below), len(colors)) for below in np.unique(labels[shown]) if below]
        labels[shown] = len(colors)
        colors.append(_unlike(rng, colors))
        centre = centre + rng.uniform(-0.15, 0.15, 2)
        radius *= rng.uniform(0.5, 1.1)
    picture = np.asarray(colors, np.float32)[labels]
    rgb = cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA).round().astype(np.uint8)
    crisp = labels[_OVERSAMPLE // 2 :: _OVERSAMPLE, _OVERSAMPLE // 2 :: _OVERSAMPLE]
    present = np.bincount(crisp.ravel(), minlength=256) > 0
    if present.sum() < 2:
        return make_lines(rng, size)
    pairs = np.array(hides, np.int32).reshape(-1, 2) + 1
    return LayeredImage(np.ascontiguousarray(rgb), crisp.astype(np.int32) + 1, pairs).renumbered()


def _unlike(rng: Rng, colors: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """A colour that can be told from those in use; lines are mostly dark."""
    while True:
        color = rng.uniform(0, 255, 3) * (0.25 if rng.random() < 0.6 else 1.0)
        if np.linalg.norm(np.asarray(colors) - color, axis=1).min() > 60.0:
            return color


def _turned(lines: Lines, angle: float) -> Lines:
    c, s = np.cos(angle), np.sin(angle)
    return [line @ np.array([[c, s], [-s, c]]) for line in lines]


def _spirograph(rng: Rng) -> Lines:
    """A point on a wheel that rolls inside a ring."""
    teeth, wheel = int(rng.integers(20, 150)), int(rng.integers(5, 80))
    turns = wheel // int(np.gcd(teeth, wheel))
    t = np.linspace(0, 2 * np.pi * turns, min(6000, 120 * turns))
    ratio = wheel / teeth
    pen = ratio * rng.uniform(0.3, 1.0)
    x = (1 - ratio) * np.cos(t) + pen * np.cos((1 - ratio) / ratio * t)
    y = (1 - ratio) * np.sin(t) - pen * np.sin((1 - ratio) / ratio * t)
    points = np.stack([x, y], axis=1)
    return [points / np.abs(points).max()]


def _turned_copies(rng: Rng) -> Lines:
    """One outline, drawn many times as it turns about the middle."""
    outline = random_outline(rng) * [1.0, rng.uniform(0.3, 1.0)]
    outline = np.concatenate([outline, outline[:1]])
    if rng.random() < 0.4:
        outline = outline * 0.5 + [0.5, 0.0]
    outline = outline / np.linalg.norm(outline, axis=1).max()
    count = int(rng.integers(4, 40))
    return [line for i in range(count) for line in _turned([outline], 2 * np.pi * i / count)]


def _star_polygon(rng: Rng) -> Lines:
    """The chords of a circle that skip so many of its points."""
    points = int(rng.integers(7, 90))
    skip = int(rng.integers(2, max(3, points // 2)))
    t = 2 * np.pi * np.arange(points) / points
    ring = np.stack([np.cos(t), np.sin(t)], axis=1)
    return [ring[[i, (i + skip) % points]] for i in range(points)]


def _net(rng: Rng) -> Lines:
    """Lines at one pitch in one to three directions: hatching, graph paper, a fence."""
    lines: Lines = []
    angle, pitch = rng.uniform(0, np.pi), rng.uniform(0.06, 0.35)
    ways = int(rng.integers(1, 4))
    for way in range(ways):
        at = np.arange(-1.0, 1.0 + 1e-9, pitch)
        half = np.sqrt(np.clip(1.0 - at**2, 0, 1)) if rng.random() < 0.5 else np.ones_like(at)
        across = [np.array([[-h, a], [h, a]]) for a, h in zip(at, half, strict=True)]
        lines += _turned(across, angle + np.pi * way / ways)
    return lines


def _rings_and_rays(rng: Rng) -> Lines:
    """A target, a sun, a spider's web."""
    t = np.linspace(0, 2 * np.pi, 90)
    ring = np.stack([np.cos(t), np.sin(t)], axis=1)
    rings = [ring * r for r in np.linspace(1.0, rng.uniform(0.1, 0.5), int(rng.integers(1, 12)))]
    inner, count = rng.uniform(0.0, 0.4), int(rng.integers(5, 60))
    spoke = np.array([[inner, 0.0], [1.0, 0.0]])
    rays = [line for i in range(count) for line in _turned([spoke], 2 * np.pi * i / count)]
    return [rings, rays, rings + rays][int(rng.integers(3))]


def _scribble(rng: Rng) -> Lines:
    """A smooth curve that wanders and crosses itself."""
    t = np.linspace(0, 2 * np.pi, 600)
    waves = [
        sum(
            rng.normal(0, 1 / np.sqrt(k)) * np.cos(k * t + rng.uniform(0, 2 * np.pi))
            for k in range(1, int(rng.integers(4, 14)))
        )
        for _ in range(2)
    ]
    points = np.stack([np.asarray(w) for w in waves], axis=1)
    return [points / np.abs(points).max()]


_KINDS: tuple[Callable[[Rng], Lines], ...] = (
    _spirograph,
    _turned_copies,
    _star_polygon,
    _net,
    _rings_and_rays,
    _scribble,
)
