"""A coral reef: soft gradients of water and light behind flat inhabitants."""

from __future__ import annotations

import random

from .shapes import circle, ridge
from .sources import Fluent, svg_page

__all__ = ["SIZE", "reef"]

SIZE = (1600, 1000)
_W, _H = SIZE

_DEFS = """
<linearGradient id="water" x1="0" y1="0" x2="0" y2="1">
<stop offset="0" stop-color="#8fe3e8"/><stop offset=".45" stop-color="#2a9fc4"/>
<stop offset="1" stop-color="#123f7a"/></linearGradient>
<linearGradient id="ray" x1="0" y1="0" x2="0" y2="1">
<stop offset="0" stop-color="#fff" stop-opacity=".42"/>
<stop offset="1" stop-color="#fff" stop-opacity="0"/></linearGradient>
<linearGradient id="hill" x1="0" y1="0" x2="0" y2="1">
<stop offset="0" stop-color="#2c7fb0"/><stop offset="1" stop-color="#15497f"/></linearGradient>
<linearGradient id="rock" x1="0" y1="0" x2="0" y2="1">
<stop offset="0" stop-color="#4b4f9c"/><stop offset="1" stop-color="#23265e"/></linearGradient>
<linearGradient id="sand" x1="0" y1="0" x2="0" y2="1">
<stop offset="0" stop-color="#ffe2a0"/><stop offset="1" stop-color="#d98f57"/></linearGradient>
<radialGradient id="bubble" cx=".35" cy=".3" r=".8"><stop offset="0" stop-color="#f4ffff"/>
<stop offset=".6" stop-color="#b9eef6"/><stop offset="1" stop-color="#6fc7e0"/></radialGradient>
"""


def _weed(x: float, y: float, h: float, fill: str) -> str:
    """One ribbon of seaweed rooted at (x, y)."""
    a, b = h * 0.16, h * 0.09
    return (
        f'<path fill="{fill}" d="M{x - b:.0f} {y:.0f}C{x - a - b:.0f} {y - 0.35 * h:.0f} '
        f"{x + a - b:.0f} {y - 0.6 * h:.0f} {x:.0f} {y - h:.0f}"
        f"C{x + a + b:.0f} {y - 0.6 * h:.0f} {x - a + b:.0f} {y - 0.35 * h:.0f} "
        f'{x + b:.0f} {y:.0f}Z"/>'
    )


def reef(fluent: Fluent) -> str:
    """The scene as SVG text."""
    rng = random.Random(3)
    water = f'<rect width="{_W}" height="{_H}" fill="url(#water)"/>'
    rays = "".join(
        f'<path d="M{x} -10H{x + w}L{x + w * 1.6 - 260} 760H{x - 330}Z" fill="url(#ray)"/>'
        for x, w in ((330, 90), (640, 150), (1000, 80), (1290, 160))
    )
    far = ridge(
        [(0, 640), (190, 560), (380, 660), (620, 720), (860, 640), (1080, 560), (1300, 650),
         (1600, 580)], _H, "url(#hill)",
    )  # fmt: skip
    weeds = "".join(
        _weed(x, 880, h, "#1f8f7f")
        for x, h in ((70, 330), (125, 420), (185, 300), (1420, 390), (1480, 300), (1545, 430))
    )
    rock = ridge(
        [(0, 820), (160, 770), (330, 840), (560, 880), (800, 870), (1040, 880), (1230, 800),
         (1400, 760), (1600, 810)], _H, "url(#rock)",
    )  # fmt: skip
    sand = ridge(
        [(0, 930), (260, 890), (520, 925), (800, 900), (1100, 930), (1350, 895), (1600, 920)],
        _H, "url(#sand)",
    )  # fmt: skip
    school = "".join(
        fluent.at("tropical-fish", 1020 + dx, 250 + dy, size)
        for dx, dy, size in ((0, 0, 96), (118, 62, 84), (128, -56, 90), (246, 12, 78))
    )
    life = (
        fluent.at("spouting-whale", 330, 250, 300)
        + school
        + fluent.at("jellyfish", 760, 330, 190)
        + fluent.at("jellyfish", 610, 520, 110, -8)
    )
    near = (
        fluent.at("coral", 250, 815, 270)
        + fluent.at("coral", 1275, 800, 310, flip=True)
        + fluent.at("shrimp", 505, 690, 140, -10)
        + fluent.at("blowfish", 1075, 560, 170)
        + fluent.at("octopus", 800, 815, 230)
    )
    floor = (
        fluent.at("crab", 1080, 915, 130)
        + fluent.at("spiral-shell", 545, 930, 90, -12)
        + fluent.at("turtle", 180, 912, 170)
    )
    bubbles = "".join(
        circle(x + rng.uniform(-18, 18), y, rng.uniform(7, 19), "url(#bubble)")
        for x, ys in ((930, range(420, 740, 58)), (400, range(430, 640, 64)),
                      (1190, range(300, 480, 60)))
        for y in ys
    )  # fmt: skip
    body = water + rays + far + life + weeds + rock + near + sand + floor + bubbles
    return svg_page(body, _W, _H, _DEFS)
