"""The hero: a fox in a balloon over a paper-cut valley at sunset, in sixteen flat inks."""

from __future__ import annotations

import math
import random

from .shapes import circle, cloud, pine_wood, ridge
from .sources import Fluent, svg_page

__all__ = ["SIZE", "valley"]

SIZE = (1600, 1200)
_W, _H = SIZE

# The animals are printed in the scene's own inks: ink, cream, red, orange, tan, brown.
_INKS = ("#2b1a45", "#fff0d6", "#e8434f", "#f5822f", "#c47f4f", "#9a5a3c")


def valley(fluent: Fluent) -> str:
    """The scene as SVG text."""
    rng = random.Random(7)
    sky = f'<rect width="{_W}" height="{_H}" fill="#fbd9a5"/>'
    glow = circle(1080, 470, 400, "#fbc988") + circle(1080, 470, 280, "#fab56c")
    sun = circle(1080, 470, 165, "#fff0d6")
    clouds = (
        cloud(250, 250, 300, "#fff0d6") + cloud(1390, 190, 250, "#fff0d6")
        + cloud(860, 150, 150, "#fff0d6")
    )  # fmt: skip
    far = ridge(
        [(0, 610), (130, 520), (250, 585), (420, 415), (560, 540), (700, 480), (880, 610),
         (1060, 545), (1240, 630), (1420, 500), (1600, 590)], _H, "#f0926c", sharp=True,
    )  # fmt: skip
    snow = (
        '<path fill="#fff0d6" d="M420 415L352 487L392 473L418 500L446 470L482 494L490 475Z"/>'
        '<path fill="#fff0d6" d="M1420 500L1364 541L1396 537L1420 556L1444 534L1486 533Z"/>'
    )
    middle = ridge(
        [(0, 700), (160, 640), (330, 705), (520, 620), (700, 720), (900, 660), (1120, 730),
         (1330, 640), (1480, 690), (1600, 650)], _H, "#d8645f",
    )  # fmt: skip
    near = ridge(
        [(0, 760), (220, 800), (430, 735), (640, 800), (860, 775), (1050, 815), (1270, 745),
         (1460, 790), (1600, 740)], _H, "#a34462",
    )  # fmt: skip
    lake = '<path d="M0 850Q400 815 800 840T1600 830V1200H0Z" fill="#63a7ad"/>'
    glint = "".join(
        f'<rect x="{1080 - w / 2:.0f}" y="{y}" width="{w}" height="12" rx="6" fill="#fff0d6"/>'
        for y, w in ((862, 250), (892, 330), (922, 210), (952, 270))
    )
    bank = ridge(
        [(0, 880), (200, 850), (420, 905), (640, 960), (860, 1010), (1020, 1030), (1260, 990),
         (1440, 915), (1600, 885)], _H, "#6d3060",
    )  # fmt: skip
    wood = pine_wood(
        [(x, 938 + 0.22 * max(0, x - 240) + rng.uniform(-8, 8), rng.uniform(165, 275))
         for x in range(20, 560, 74)]
        + [(x, 1052 - 0.3 * (x - 1180) + rng.uniform(-8, 8), rng.uniform(165, 275))
           for x in range(1250, 1610, 70)], "#3f2a5c",
    )  # fmt: skip
    deer = fluent.at("deer", 905, 925, 210, palette=_INKS)
    front = ridge(
        [(0, 1010), (180, 1000), (420, 1070), (700, 1035), (980, 1090), (1260, 1065), (1460, 1020),
         (1600, 1035)], _H, "#2b1a45",
    )  # fmt: skip
    toys = (
        fluent.at("mushroom", 395, 1050, 120, -6, palette=_INKS)
        + fluent.at("mushroom", 480, 1078, 80, 8, palette=_INKS)
        + fluent.at("hedgehog", 1190, 1035, 150, palette=_INKS)
    )  # fmt: skip
    body = (
        sky + glow + sun + clouds + far + snow + middle + near + lake + glint + wood + bank
        + deer + front + toys + _balloon(fluent, 545, 285, 1.0)
    )  # fmt: skip
    return svg_page(body, _W, _H)


def _balloon(fluent: Fluent, x: float, y: float, scale: float) -> str:
    """A striped hot-air balloon whose passenger looks out between the ropes."""
    outline = (
        "M0-215C125-215 195-120 195-30C195 70 95 150 52 215"
        "H-52C-95 150-195 70-195-30C-195-120-125-215 0-215Z"
    )
    stripes = "".join(
        f'<path d="M0-215C{side * a:.0f}-190 {side * b:.0f}-90 {side * b:.0f}-25'
        f"C{side * b:.0f} 70 {side * c:.0f} 150 {side * c * 0.62:.0f} 215"
        f"L{side * d * 0.62:.0f} 215C{side * d:.0f} 150 {side * e:.0f} 70 {side * e:.0f}-25"
        f'C{side * e:.0f}-90 {side * f:.0f}-190 0-215Z" fill="#fff0d6"/>'
        for side in (-1, 1)
        for a, b, c, d, e, f in ((95, 132, 55, 32, 70, 45),)
    )
    ropes = "".join(
        f'<path d="M{x0} 212L{x1} 360" stroke="#9a5a3c" stroke-width="8"/>'
        for x0, x1 in ((-49, -74), (49, 74))
    )
    fox = fluent.at("fox", 0, 304, 150, palette=_INKS)
    basket = (
        '<path d="M-80 350H80L66 442Q64 456 50 456H-50Q-64 456-66 442Z" fill="#9a5a3c"/>'
        '<rect x="-90" y="340" width="180" height="28" rx="14" fill="#c47f4f"/>'
    )
    crown = math.hypot(52, 6)
    skirt = f'<path d="M-{crown:.0f} 206H{crown:.0f}L44 228H-44Z" fill="#b9303f"/>'
    return (
        f'<g transform="translate({x} {y}) scale({scale})">{ropes}'
        f'<path d="{outline}" fill="#e8434f"/>{stripes}{skirt}{fox}{basket}</g>'
    )
