"""Random closed outlines, as float arrays (n, 2) around the origin with a radius of about one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["Outline", "random_outline", "random_stroke", "stroke_outline"]

Outline = NDArray[np.float64]
Rng = np.random.Generator


def _ellipse(rng: Rng) -> Outline:
    t = np.linspace(0.0, 2 * np.pi, 40, endpoint=False)
    return np.stack([np.cos(t), np.sin(t) * rng.uniform(0.5, 1.0)], axis=1)


def _blob(rng: Rng) -> Outline:
    t = np.linspace(0.0, 2 * np.pi, 64, endpoint=False)
    r = np.ones_like(t)
    for k in range(2, 2 + int(rng.integers(1, 5))):
        r += rng.normal(0.0, 0.25 / k) * np.cos(k * t + rng.uniform(0, 2 * np.pi))
    r = np.clip(r, 0.25, None)
    return np.stack([r * np.cos(t), r * np.sin(t)], axis=1)


def _polygon(rng: Rng) -> Outline:
    n = int(rng.integers(3, 8))
    t = np.sort(np.linspace(0, 2 * np.pi, n, endpoint=False) + rng.normal(0, 0.25, n))
    r = rng.uniform(0.7, 1.1, n) if rng.random() < 0.5 else np.ones(n)
    return np.stack([r * np.cos(t), r * np.sin(t)], axis=1)


def _star(rng: Rng) -> Outline:
    n = int(rng.integers(4, 11))
    t = np.linspace(0, 2 * np.pi, 2 * n, endpoint=False)
    r = np.where(np.arange(2 * n) % 2 == 0, 1.0, rng.uniform(0.35, 0.8))
    return np.stack([r * np.cos(t), r * np.sin(t)], axis=1)


def _rectangle(rng: Rng) -> Outline:
    w, h = 1.0, rng.uniform(0.25, 1.0)
    corner = rng.choice([0.0, 0.0, 0.1, 0.3, 1.0]) * h
    if corner < 0.02:
        return np.array([[-w, -h], [w, -h], [w, h], [-w, h]])
    t = np.linspace(0, np.pi / 2, 8)
    arc = np.stack([np.cos(t), np.sin(t)], axis=1) * corner
    quarter = [np.array([[c, -s], [s, c]]) for c, s in ((1, 0), (0, 1), (-1, 0), (0, -1))]
    centres = np.array([[w, h], [-w, h], [-w, -h], [w, -h]]) - corner * np.array(
        [[1, 1], [-1, 1], [-1, -1], [1, -1]]
    )
    return np.concatenate([arc @ q.T + c for q, c in zip(quarter, centres, strict=True)])


def _crescent(rng: Rng) -> Outline:
    t = np.linspace(-np.pi / 2, np.pi / 2, 24)
    depth = rng.uniform(0.2, 0.8)
    outer = np.stack([np.cos(t), np.sin(t)], axis=1)
    inner = np.stack([np.cos(t[::-1]) * depth, np.sin(t[::-1])], axis=1)
    return np.concatenate([outer, inner]) - [0.5, 0.0]


def _leaf(rng: Rng) -> Outline:
    t = np.linspace(0, np.pi, 24)
    fat = rng.uniform(0.25, 0.6)
    upper = np.stack([np.cos(t), np.sin(t) * fat], axis=1)
    return np.concatenate([upper, -upper])


def _half_disc(rng: Rng) -> Outline:
    t = np.linspace(0, np.pi, 28)
    return np.stack([np.cos(t), np.sin(t) * rng.uniform(0.6, 1.2) - 0.4], axis=1)


_MAKERS: tuple[Callable[[Rng], Outline], ...] = (
    _ellipse,
    _ellipse,
    _blob,
    _blob,
    _polygon,
    _star,
    _rectangle,
    _rectangle,
    _crescent,
    _leaf,
    _half_disc,
)


def random_outline(rng: Rng) -> Outline:
    """One closed outline, turned at random three times out of five."""
    shape = _MAKERS[int(rng.integers(len(_MAKERS)))](rng)
    if rng.random() < 0.6:
        a = rng.uniform(0, 2 * np.pi)
        shape = shape @ np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
    return shape


def random_stroke(rng: Rng) -> Outline:
    """An open curve (n, 2): a straight line, an arc, a wave or a wandering line."""
    t = np.linspace(-1.0, 1.0, 24)
    kind = int(rng.integers(4))
    if kind == 0:
        y = np.zeros_like(t)
    elif kind == 1:
        y = rng.uniform(-0.8, 0.8) * (1 - t**2)
    elif kind == 2:
        y = rng.uniform(0.1, 0.35) * np.sin(t * np.pi * rng.uniform(1, 4))
    else:
        y = np.cumsum(np.cumsum(rng.normal(0, 0.02, t.size)))
        y -= y.mean()
    a = rng.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
    return np.stack([t, y], axis=1) @ turn


def stroke_outline(curve: Outline, width: float, taper: bool) -> Outline:
    """The closed outline of a pen of `width` along an open curve; `taper` thins the ends."""
    along = np.gradient(curve, axis=0)
    length = np.linalg.norm(along, axis=1, keepdims=True)
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.maximum(length, 1e-9)
    half = np.full((len(curve), 1), width / 2)
    if taper:
        half *= np.sin(np.linspace(0.12, np.pi - 0.12, len(curve)))[:, None]
    return np.concatenate([curve + normal * half, (curve - normal * half)[::-1]])
