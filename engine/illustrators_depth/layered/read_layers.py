"""One door for files that hold layers: the reader is chosen by the file's ending.

To read a further kind of file, add its reader to `_READERS`; everything else follows the table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError, check_kind
from ..io.pictures.picture_file import read_header
from ..io.user_path import user_path
from ..settings import ReadSettings
from ..types import LayerStack
from .raster_layer import FileLayers, stack_of_layers

__all__ = ["DRAWING_SUFFIXES", "LAYERED_SUFFIXES", "PHOTOSHOP_SUFFIXES", "read_layers"]


@dataclass(frozen=True)
class _ReadRequest:
    """What a reader is asked for; the attributes are those of `read_layers`."""

    path: Path
    split: str
    size: int
    max_pixels: int


def _read_openraster(request: _ReadRequest) -> FileLayers:
    from .archives.openraster import read_openraster

    return read_openraster(request.path, request.max_pixels)


def _read_krita(request: _ReadRequest) -> FileLayers:
    from .archives.krita import read_krita

    return read_krita(request.path, request.max_pixels)


def _read_photoshop(request: _ReadRequest) -> FileLayers:
    from .photoshop import read_photoshop

    return read_photoshop(request.path, request.max_pixels)


def _read_svg(request: _ReadRequest) -> FileLayers:
    from .svg.read_svg import read_svg

    return read_svg(request.path, request.split, request.size, request.max_pixels)


PHOTOSHOP_SUFFIXES = (".psd", ".psb")
DRAWING_SUFFIXES = (".svg", ".svgz")
_READERS: dict[str, Callable[[_ReadRequest], FileLayers]] = {
    ".ora": _read_openraster,
    ".kra": _read_krita,
    **dict.fromkeys(PHOTOSHOP_SUFFIXES, _read_photoshop),
    **dict.fromkeys(DRAWING_SUFFIXES, _read_svg),
}
LAYERED_SUFFIXES = tuple(_READERS)
"""Endings of files that hold their layers; of Photoshop's only those with several do."""

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
    file_layers = _READERS[suffix](_ReadRequest(source, split, size, limit))
    if file_layers.dpi is not None:
        meta["dpi"] = [file_layers.dpi, file_layers.dpi]
    if file_layers.notes:
        meta["notes"] = file_layers.notes
    return stack_of_layers(file_layers.layers, file_layers.frame, source.stem, meta)
