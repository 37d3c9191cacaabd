"""Deep clip-art drawings to measure the tracer on: from a folder of SVG files, always the same."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path
from typing import Any

__all__ = ["SIDE", "deep_clip_art", "draw_svg"]

SIDE = 500
"""Longest side of a drawing, in pixels."""
# A drawing is deep if it has more shapes than the first, and fewer than the second.
_FEW_SHAPES, _MANY_SHAPES = 25, 400
_SHAPE = re.compile(r"<(?:\w+:)?(path|rect|circle|ellipse|polygon|polyline|line)\b")
# What is nearly blank, or thinner than this, shows nothing.
_MIN_SPREAD, _MIN_SIDE = 0.02, 100


def deep_clip_art(folder: Path, count: int = 40) -> list[Path]:
    """The first deep drawings of a folder, by the SHA-1 of their path in it.

    Those of the results are of Open Clip Art, as Debian's package `openclipart-svg` has it.
    """

    def place(path: Path) -> str:
        return hashlib.sha1(str(path.relative_to(folder)).encode()).hexdigest()

    chosen: list[Path] = []
    for path in sorted(folder.rglob("*.svg"), key=place):
        if len(chosen) == count:
            break
        shapes = len(_SHAPE.findall(path.read_text(errors="replace")))
        if _FEW_SHAPES < shapes < _MANY_SHAPES and _shows_something(path):
            chosen.append(path)
    return chosen


def _shows_something(path: Path) -> bool:
    import numpy as np

    try:
        picture = np.asarray(draw_svg(path), np.float32) / 255.0
    except BaseException:  # resvg panics on some files: its own exception derives from no other
        return False
    return bool(picture.std() >= _MIN_SPREAD and min(picture.shape[:2]) >= _MIN_SIDE)


def draw_svg(path: Path) -> Any:
    """A drawing over white as PIL image, RGB, `SIDE` pixels along its longest side."""
    import resvg_py
    from PIL import Image as PilImage

    text = path.read_text(errors="replace")

    def drawn(width: int) -> Any:
        data = bytes(resvg_py.svg_to_bytes(svg_string=text, width=width))
        return PilImage.open(io.BytesIO(data)).convert("RGBA")

    picture = drawn(SIDE)
    if max(picture.size) > SIDE:
        picture = drawn(max(1, picture.size[0] * SIDE // max(picture.size)))
    page = PilImage.new("RGBA", picture.size, "#ffffff")
    page.alpha_composite(picture)
    return page.convert("RGB")
