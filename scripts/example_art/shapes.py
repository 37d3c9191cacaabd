"""Small vocabulary for drawn scenery: ridges, pines, clouds, stars; every shape is one SVG path."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

__all__ = ["circle", "cloud", "pine_wood", "ridge", "smooth", "sparkle", "stars"]

Point = tuple[float, float]


def circle(x: float, y: float, r: float, fill: str, extra: str = "") -> str:
    """A filled disc."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{fill}" {extra}/>'


def smooth(points: Sequence[Point]) -> str:
    """A Catmull-Rom curve through the points as SVG cubic segments (without the first move)."""
    padded = [points[0], *points, points[-1]]
    out = []
    for i in range(1, len(padded) - 2):
        p0, p1, p2, p3 = padded[i - 1 : i + 3]
        c1 = (p1[0] + (p2[0] - p0[0]) / 6, p1[1] + (p2[1] - p0[1]) / 6)
        c2 = (p2[0] - (p3[0] - p1[0]) / 6, p2[1] - (p3[1] - p1[1]) / 6)
        out.append("C" + " ".join(f"{v:.1f}" for v in (*c1, *c2, *p2)))
    return "".join(out)


def ridge(points: Sequence[Point], bottom: float, fill: str, sharp: bool = False) -> str:
    """Ground under a skyline: from the leftmost to the rightmost point, closed at `bottom`."""
    start = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    line = "".join(f"L{x:.1f} {y:.1f}" for x, y in points[1:]) if sharp else smooth(points)
    left, right = points[0][0], points[-1][0]
    close = f"L{right:.1f} {bottom:.1f}L{left:.1f} {bottom:.1f}Z"
    return f'<path d="{start}{line}{close}" fill="{fill}"/>'


def _pine(x: float, y: float, h: float) -> str:
    """The outline of one pine whose foot is at (x, y): three skirts and a stem."""
    out = []
    for k, (top, foot, half) in enumerate(
        ((1.0, 0.55, 0.17), (0.78, 0.3, 0.24), (0.52, 0.07, 0.3))
    ):
        sag = h * 0.02 * (k + 1)
        out.append(
            f"M{x:.1f} {y - top * h:.1f}L{x + half * h:.1f} {y - foot * h:.1f}"
            f"Q{x:.1f} {y - foot * h + sag:.1f} {x - half * h:.1f} {y - foot * h:.1f}Z"
        )
    stem = 0.035 * h
    out.append(
        f"M{x - stem:.1f} {y - 0.1 * h:.1f}L{x + stem:.1f} {y - 0.1 * h:.1f}"
        f"L{x + stem:.1f} {y + 0.05 * h:.1f}L{x - stem:.1f} {y + 0.05 * h:.1f}Z"
    )
    return "".join(out)


def pine_wood(feet: Sequence[tuple[float, float, float]], fill: str) -> str:
    """Pines of one colour as one path; `feet` are (x, y, height)."""
    return f'<path fill-rule="nonzero" d="{"".join(_pine(*f) for f in feet)}" fill="{fill}"/>'


def cloud(x: float, y: float, size: float, fill: str, extra: str = "") -> str:
    """A flat-bottomed cloud of four bumps, `size` wide, its base centred at (x, y)."""
    s = size / 100.0
    return (
        f'<path transform="translate({x:.1f} {y:.1f}) scale({s:.3f})" fill="{fill}" {extra} '
        'd="M-50 0a13 13 0 0 1 4-25a21 21 0 0 1 38-12a16 16 0 0 1 29 8a15 15 0 0 1 25 29Z"/>'
    )


def sparkle(x: float, y: float, r: float, fill: str) -> str:
    """A four-pointed star."""
    points = []
    for k in range(8):
        radius = r if k % 2 == 0 else r * 0.28
        a = math.pi * k / 4
        points.append(f"{x + radius * math.sin(a):.1f} {y - radius * math.cos(a):.1f}")
    return f'<path d="M{"L".join(points)}Z" fill="{fill}"/>'


def stars(
    width: float, height: float, count: int, seed: int, fill: str, low: float, high: float
) -> str:
    """Small round stars at reproducible random places."""
    rng = random.Random(seed)
    return "".join(
        circle(rng.uniform(0, width), rng.uniform(0, height), rng.uniform(low, high), fill)
        for _ in range(count)
    )
