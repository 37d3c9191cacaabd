"""Free drawings from package registries: fetched once into a cache, handed out as SVG text."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import tarfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image

__all__ = ["Fluent", "OpenClipart", "render", "svg_page"]

FLUENT = "@iconify-json/fluent-emoji-flat@1.2.6"
OPENCLIPART = "openclipart-svg"


def render(svg: str, width: int, height: int) -> Image.Image:
    """Render SVG text to an RGBA picture of exactly width x height; no system fonts are used."""
    data = resvg_py.svg_to_bytes(svg_string=svg, width=width, height=height, skip_system_fonts=True)
    picture = Image.open(io.BytesIO(data)).convert("RGBA")
    return picture if picture.size == (width, height) else picture.resize((width, height))


def svg_page(body: str, width: int, height: int, defs: str = "") -> str:
    """A whole SVG document around drawing commands, in pixels."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f"<defs>{defs}</defs>{body}</svg>"
    )


@dataclass(frozen=True)
class Fluent:
    """Microsoft's Fluent Emoji, flat style (MIT), from the npm registry."""

    cache: Path

    @cached_property
    def _icons(self) -> dict[str, dict[str, str]]:
        package = self.cache / "iconify-json-fluent-emoji-flat-1.2.6.tgz"
        if not package.exists():
            subprocess.run(["npm", "pack", "--silent", FLUENT], cwd=self.cache, check=True)
        with tarfile.open(package) as archive:
            member = archive.extractfile("package/icons.json")
            assert member is not None
            return dict(json.load(member)["icons"])

    def body(self, name: str) -> str:
        """The drawing commands of one emoji, in a 32 x 32 box."""
        return self._icons[name]["body"]

    def at(
        self,
        name: str,
        x: float,
        y: float,
        size: float,
        angle: float = 0.0,
        flip: bool = False,
        palette: tuple[str, ...] = (),
    ) -> str:
        """One emoji centred at (x, y), `size` units wide, turned by `angle` degrees.

        With a palette, every colour of it becomes the palette's nearest, as in a screen print.
        """
        scale = size / 32.0
        mirror = -scale if flip else scale
        # Identifiers must stay unique when one page holds several emoji.
        token = hashlib.sha1(f"{name}{x}{y}".encode()).hexdigest()[:6]
        body = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{token}", self.body(name))
        if palette:
            body = re.sub(r"#[0-9a-fA-F]{3,6}\b", lambda m: _nearest(m[0], palette), body)
        return (
            f'<g transform="translate({x:.1f} {y:.1f}) rotate({angle:.1f}) '
            f'scale({mirror:.4f} {scale:.4f}) translate(-16 -16)">{body}</g>'
        )


def _nearest(color: str, palette: tuple[str, ...]) -> str:
    def rgb(text: str) -> np.ndarray:
        digits = text[1:] if len(text) == 7 else "".join(2 * c for c in text[1:4])
        return np.array([int(digits[i : i + 2], 16) for i in (0, 2, 4)], float)

    return min(palette, key=lambda p: float(np.abs(rgb(p) - rgb(color)).sum()))


@dataclass(frozen=True)
class OpenClipart:
    """The Open Clip Art Library (public domain), from Debian's package openclipart-svg."""

    cache: Path

    @cached_property
    def _root(self) -> Path:
        root = self.cache / "openclipart"
        if not root.exists():
            subprocess.run(["apt-get", "download", OPENCLIPART], cwd=self.cache, check=True)
            package = next(self.cache.glob("openclipart-svg_*.deb"))
            subprocess.run(["dpkg-deb", "-x", package.name, root.name], cwd=self.cache, check=True)
        return root / "usr/share/openclipart/svg"

    def svg(self, name: str) -> str:
        """The text of one drawing, by its path without suffix, mended where resvg needs it."""
        text = (self._root / f"{name}.svg").read_text(encoding="utf-8", errors="replace")
        if "xmlns=" not in text:
            text = text.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
        return text

    def picture(self, name: str, longest: int, margin: float = 0.0) -> Image.Image:
        """One drawing, cropped to what is painted plus `margin` (of the longest side), RGBA."""
        text = self.svg(name)
        rough = Image.open(
            io.BytesIO(resvg_py.svg_to_bytes(svg_string=text, width=512, skip_system_fonts=True))
        )
        box = rough.convert("RGBA").getbbox()
        assert box is not None, name
        side = max(box[2] - box[0], box[3] - box[1])
        inside = longest / (1.0 + 2.0 * margin)
        zoomed = Image.open(
            io.BytesIO(
                resvg_py.svg_to_bytes(
                    svg_string=text, width=round(512 * inside / side), skip_system_fonts=True
                )
            )
        ).convert("RGBA")
        cropped = zoomed.crop(zoomed.getbbox())
        border = round(longest * margin / (1.0 + 2.0 * margin))
        page = Image.new(
            "RGBA", (cropped.width + 2 * border, cropped.height + 2 * border), (255, 255, 255, 0)
        )
        page.paste(cropped, (border, border))
        return page


def as_float(picture: Image.Image) -> np.ndarray:
    """An RGBA picture as float32 (H, W, 4), 0..1."""
    return np.asarray(picture, np.float32) / np.float32(255.0)
