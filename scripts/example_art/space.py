"""A crowded night above a small planet, at 4K."""

from __future__ import annotations

from .shapes import circle, ridge, sparkle, stars
from .sources import Fluent, svg_page

__all__ = ["SIZE", "space"]

SIZE = (3840, 2160)
_W, _H = 1920, 1080


def space(fluent: Fluent) -> str:
    """The scene as SVG text, in 1920 x 1080 units."""
    night = f'<rect width="{_W}" height="{_H}" fill="#171446"/>'
    bands = (
        ridge([(0, 330), (480, 210), (960, 400), (1440, 250), (1920, 360)], _H, "#211c5e")
        + ridge([(0, 560), (420, 470), (900, 640), (1400, 480), (1920, 600)], _H, "#2d2576")
    )  # fmt: skip
    sky = stars(_W, 800, 130, 11, "#fff6d8", 1.2, 3.4) + "".join(
        sparkle(x, y, r, "#ffe9a8")
        for x, y, r in (
            (180, 140, 30),
            (820, 110, 22),
            (1130, 330, 26),
            (1780, 520, 24),
            (90, 640, 20),
        )
    )
    moon = circle(1560, 300, 205, "#ffd98f") + "".join(
        circle(x, y, r, "#f3b969")
        for x, y, r in ((1490, 230, 46), (1625, 255, 30), (1530, 370, 36), (1640, 370, 52))
    )
    far = fluent.at("ringed-planet", 420, 300, 330, -6) + fluent.at("comet", 1000, 170, 150)
    ground = ridge(
        [(0, 860), (300, 800), (700, 850), (1150, 790), (1600, 845), (1920, 800)], _H, "#6a3fa0"
    ) + "".join(
        f'<ellipse cx="{x}" cy="{y}" rx="{r}" ry="{r * 0.3:.0f}" fill="#55308a"/>'
        for x, y, r in ((240, 880, 90), (1120, 860, 120), (1720, 880, 80))
    )
    front = ridge([(0, 960), (400, 915), (860, 975), (1300, 930), (1920, 985)], _H, "#3c2370")
    hill = (
        '<path d="M1180 1080C1230 900 1420 850 1560 850S1870 920 1920 1010V1080Z" fill="#8e57c4"/>'
        + '<ellipse cx="1690" cy="935" rx="70" ry="22" fill="#7443a8"/>'
    )
    crew = (
        fluent.at("flying-saucer", 1190, 560, 330, -4)
        + fluent.at("satellite", 130, 470, 190)
        + fluent.at("rocket", 800, 430, 360, 4)
    )
    flag = (
        '<path d="M1420 700V880" stroke="#f4ecff" stroke-width="12"/>'
        '<path d="M1420 700H1300L1330 740L1300 780H1420Z" fill="#ff5a5f"/>'
    )
    # They stand behind the ground in front of them.
    locals_ = fluent.at("robot", 640, 850, 230) + fluent.at("alien", 330, 846, 170)
    visitor = flag + fluent.at("astronaut", 1585, 765, 270)
    body = night + bands + sky + moon + far + crew + ground + locals_ + front + visitor + hill
    return svg_page(body, _W, _H)
