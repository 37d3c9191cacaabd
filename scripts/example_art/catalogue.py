"""The examples: what each shows, what it is made of, and how it is drawn and saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from . import reef, space, surfaces, valley
from .sources import Fluent, OpenClipart, render, svg_page

__all__ = ["EXAMPLES", "Example", "Sources"]

_MIT = "MIT"
_PD = "public domain"
_FLUENT = "npm @iconify-json/fluent-emoji-flat@1.2.6"
_CLIPART = "Debian openclipart-svg 1:0.18+dfsg-19"
_OURS = "scenery drawn for this project (scripts/example_art)"
_EXIF_ORIENTATION = 0x0112


@dataclass(frozen=True)
class Sources:
    """The two collections that drawings are taken from."""

    fluent: Fluent
    clipart: OpenClipart


@dataclass(frozen=True)
class Example:
    """One picture of the examples folder.

    Attributes:
        file: its name in examples/.
        kind: what it is there to show.
        source: package and version.
        original: names of the drawings in that package.
        author: who drew them.
        licence: of the drawings; scenery of our own is GPL-3.0-or-later like the rest.
        save: draws it and writes it to a path.
    """

    file: str
    kind: str
    source: str
    original: str
    author: str
    licence: str
    save: Callable[[Sources, Path], None]


def _png(picture: Image.Image, path: Path) -> None:
    picture.save(path, format="PNG", optimize=True)


def _valley(sources: Sources, path: Path) -> None:
    _png(surfaces.flatten(render(valley.valley(sources.fluent), *valley.SIZE)), path)


def _parrot(sources: Sources, path: Path) -> None:
    page = svg_page(sources.fluent.at("parrot", 512, 512, 880), 1024, 1024)
    _png(surfaces.flatten(render(page, 1024, 1024)), path)


def _beach_trip(sources: Sources, path: Path) -> None:
    art = sources.clipart.picture("recreation/holiday/beach_trip_ganson", 1600, margin=0.03)
    _png(surfaces.flatten(art), path)


def _autumn(sources: Sources, path: Path) -> None:
    art = sources.clipart.picture("plants/fall_scene_in_a_circle_a_01", 1200, margin=0.05)
    _png(surfaces.flatten(art, (247, 236, 214)), path)


def _reef(sources: Sources, path: Path) -> None:
    _png(surfaces.flatten(render(reef.reef(sources.fluent), *reef.SIZE)), path)


def _portrait(sources: Sources, path: Path) -> None:
    art = sources.clipart.picture("unsorted/principessa", 1100, margin=0.06)
    surfaces.flatten(art, (120, 183, 178)).save(path, format="WEBP", lossless=True, quality=90)


def _sunflower(sources: Sources, path: Path) -> None:
    art = sources.clipart.picture("plants/sun_flower_ganson", 1400)
    surfaces.painted(surfaces.flatten(art), seed=5).save(path, format="JPEG", quality=88)


def _goldfish(sources: Sources, path: Path) -> None:
    """Cut out, with a soft shadow: every degree of transparency occurs."""
    art = sources.clipart.picture("unsorted/pescetto", 1200, margin=0.06)
    shadow = surfaces.soft_shadow(art.getchannel("A"), blur=14, strength=0.45)
    page = Image.new("RGBA", art.size, (0, 0, 0, 0))
    page.paste(shadow, (22, 30))
    _png(Image.alpha_composite(page, art), path)


def _balloons(sources: Sources, path: Path) -> None:
    """As a telephone saves a portrait: pixels on their side, EXIF says how to turn them."""
    scene = surfaces.backdrop(1200, 1600, seed=9)
    placed = (("blue", 330, 150, 560), ("yellow", 360, 640, 170), ("red", 430, 210, 40),
              ("green", 300, 900, 680), ("purple", 250, 60, 980))  # fmt: skip
    for color, width, x, y in sorted(placed, key=lambda p: p[1]):
        art = sources.clipart.picture(f"recreation/party/balloon-{color}-aj", 900)
        art = art.resize((width, round(art.height * width / art.width)), Image.Resampling.LANCZOS)
        layer = Image.new("RGBA", scene.size, (0, 0, 0, 0))
        layer.paste(art, (x, y))
        # What is smaller is farther away and out of focus.
        blur = max(0.0, (400 - width) / 45)
        premultiplied = np.asarray(layer, np.float32) / 255
        premultiplied = premultiplied * np.concatenate(
            [premultiplied[..., 3:].repeat(3, 2), np.ones_like(premultiplied[..., 3:])], axis=2
        )
        scene = surfaces.over(scene, surfaces.defocus(premultiplied, blur))
    upright = surfaces.photographed(scene.convert("RGB"), seed=2)
    exif = Image.Exif()
    exif[_EXIF_ORIENTATION] = 6  # to be turned 90 degrees clockwise
    turned = upright.transpose(Image.Transpose.ROTATE_90)
    turned.save(path, format="JPEG", quality=88, exif=exif)


def _space(sources: Sources, path: Path) -> None:
    _png(surfaces.flatten(render(space.space(sources.fluent), *space.SIZE)), path)


EXAMPLES = (
    Example(
        "valley.png", "full flat scene with background (the default of make relief)", _FLUENT,
        "fox, deer, hedgehog, mushroom (recoloured); " + _OURS, "Microsoft", _MIT, _valley,
    ),
    Example("parrot.png", "flat, emoji-like, on white", _FLUENT, "parrot", "Microsoft", _MIT,
            _parrot),
    Example("beach-trip.png", "outlined cartoon", _CLIPART,
            "recreation/holiday/beach_trip_ganson", "AbiClipart", _PD, _beach_trip),
    Example("autumn.png", "outlined scene in a frame", _CLIPART,
            "plants/fall_scene_in_a_circle_a_01", "AbiClipart", _PD, _autumn),
    Example("reef.png", "scene with gradients and light rays", _FLUENT,
            "spouting-whale, tropical-fish, jellyfish, coral, shrimp, blowfish, octopus, crab, "
            "spiral-shell, turtle; " + _OURS, "Microsoft", _MIT, _reef),
    Example("portrait.webp", "portrait in shades (lossless WebP)", _CLIPART,
            "unsorted/principessa", "Architetto Francesco Rollandin", _PD, _portrait),
    Example("sunflower-canvas.jpg", "painting-like: brush filter and canvas texture applied here",
            _CLIPART, "plants/sun_flower_ganson", "Gerald G.", _PD, _sunflower),
    Example("goldfish.png", "transparent PNG with a soft shadow", _CLIPART, "unsorted/pescetto",
            "Architetto Francesco Rollandin", _PD, _goldfish),
    Example("balloons-photo.jpg",
            "photo-like: backdrop, defocus, light, vignette and grain applied here; stored on its "
            "side with EXIF orientation 6", _CLIPART,
            "recreation/party/balloon-{red,yellow,blue,green,purple}-aj", "AJ Ashton", _PD,
            _balloons),
    Example("space-4k.png", "4K (3840 x 2160) flat scene", _FLUENT,
            "ringed-planet, comet, flying-saucer, satellite, rocket, astronaut, robot, alien; "
            + _OURS, "Microsoft", _MIT, _space),
)  # fmt: skip
