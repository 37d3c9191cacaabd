"""One door for files that hold layers: the reader is chosen by the file's ending."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import InputError, check_kind
from ..io.pictures.picture_file import read_header
from ..io.user_path import user_path
from ..settings import ReadSettings
from ..types import LayerStack
from .holds_layers import LAYERED_SUFFIXES
from .raster_layer import stack_of_layers

__all__ = ["read_layers"]

_NOT_READ = {
    ".xcf": "GIMP files keep their layers in a form of GIMP's own",
}


def read_layers(
    path: str | Path, split: str = "auto", size: int = 0, max_pixels: int | None = None
) -> LayerStack:
    """Read the layers of an OpenRaster, Krita, Photoshop or SVG file, as they are stacked.

    Names, groups, order, places, opacity, masks, visibility and blend modes are kept. What a stack
    cannot hold (adjustment layers, rare blend modes) is said in `meta["notes"]`.

    Args:
        path: .ora, .kra, .psd, .psb, .svg or .svgz.
        split: of an SVG: "groups" makes a layer of each top-level group, "paths" of each shape,
            "strokes" of each fill and each stroke, "auto" of groups where the drawing has
            several, else of consecutive shapes of one colour.
        size: pixels of the longest side that an SVG is drawn at; 0 takes the drawing's own.
        max_pixels: larger files are refused; None is `ReadSettings`' limit.

    Raises:
        InputError: the file is missing, damaged, too large or holds no layers.
        UnavailableError: the reader's package is not installed.
    """
    if not isinstance(path, Path):
        check_kind(path, str, "path")
    ReadSettings(split=split).check()
    if size < 0 or size > 1 << 15:
        raise InputError(f"size must lie between 0 (the drawing's own) and 32768, not {size}.")
    source = user_path(path)
    suffix = source.suffix.lower()
    if suffix in _NOT_READ:
        raise InputError(f"{_NOT_READ[suffix]}; save {source.name} as OpenRaster (.ora).")
    if suffix not in LAYERED_SUFFIXES:
        raise InputError(f"{source.name} holds no layers; {', '.join(LAYERED_SUFFIXES)} do.")
    read_header(source, layered=True)
    limit = max_pixels or ReadSettings().max_pixels
    meta: dict[str, Any] = {"method": "file", "file": source.name}
    if suffix == ".ora":
        from .archives.openraster import read_openraster

        layers, frame, notes = read_openraster(source, limit)
    elif suffix == ".kra":
        from .archives.krita import read_krita

        layers, frame, notes, dpi = read_krita(source, limit)
        meta |= {} if dpi is None else {"dpi": [dpi, dpi]}
    elif suffix in (".psd", ".psb"):
        from .photoshop import read_photoshop

        layers, frame, notes = read_photoshop(source, limit)
    else:
        from .svg.read_svg import read_svg

        layers, frame, notes, dpi = read_svg(source, split, size, limit)
        meta |= {} if dpi is None else {"dpi": [dpi, dpi]}
    if notes:
        meta["notes"] = notes
    return stack_of_layers(layers, frame, source.stem, meta)
