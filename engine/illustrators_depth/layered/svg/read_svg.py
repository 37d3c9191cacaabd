"""Reads SVG drawings: each layer is drawn alone by resvg, whole, also where others cover it."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ...errors import InputError, UnavailableError
from ...io.pictures.picture_file import check_pixels
from ...layering.names import color_names
from ...types import BLEND_MODES
from ..raster_layer import (
    MAX_LAYERS,
    FileLayers,
    RasterLayer,
    mean_color,
    mode_note,
    outline_note,
)
from .curves.layer_outline import CurveReader, PaintedArea
from .curves.refusal import NoOutlineError
from .fonts import missing_fonts
from .page import page_size
from .parts import drawing_of, find_parts
from .refusals import SVG_REFUSALS, SvgRefusedError
from .render import draw_svg
from .sanitize import SvgLimits, sanitize_svg
from .tree.strokes import split_strokes
from .tree.switches import resolve_switches

__all__ = ["draw_text", "read_svg"]

MIN_SIDE_PX, MAX_SIDE_PX = 512, 4096
"""A drawing's own size is brought into these bounds: an icon of 24 units is no use as 24 pixels."""


def read_svg(path: Path, split: str, size: int, max_pixels: int) -> FileLayers:
    """The layers of a drawing; its `dpi` is None where it does not say how large it is on paper.

    Args:
        path: .svg, or .svgz.
        split, size: as of `read_layers`.
        max_pixels: larger pages are refused.

    Raises InputError when the drawing is refused or cannot be drawn, UnavailableError where resvg
    is not installed.
    """
    _check_resvg()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check it.") from error
    root = _sanitized_tree(data, path.name)
    width, height, inches = page_size(root, path.name)
    scale = (size or min(max(max(width, height), MIN_SIDE_PX), MAX_SIDE_PX)) / max(width, height)
    frame = max(1, round(height * scale)), max(1, round(width * scale))
    check_pixels(path.name, frame[1], frame[0], max_pixels)
    resolve_switches(root)
    if split == "strokes" and not split_strokes(root):
        raise InputError(f"The style sheet of {path.name} is not followed; read it by paths.")
    parts = find_parts(root, split)
    if not parts:
        raise InputError(f"{path.name} draws nothing; open it in the program that made it.")
    if len(parts) > MAX_LAYERS:
        raise InputError(
            f"{path.name} has {len(parts)} shapes one over another, more than {MAX_LAYERS} layers; "
            "group them, and read it by groups."
        )
    curves = _LayerCurves(root, frame)
    layers: list[RasterLayer] = []
    for part in parts:
        drawing = drawing_of(root, part)
        areas = curves.of(drawing, len(layers))
        rgba, top, left = _crop_to_paint(draw_svg(drawing, frame, path.name))
        layers.append(
            RasterLayer(
                part.name, rgba, top, left, part.hidden, part.group, part.blend, areas=areas
            )
        )
    dpi = None if inches is None else frame[1] / inches
    layers = _with_color_names(layers)
    return FileLayers(layers, frame, [*_notes(root, layers), *curves.notes(layers)], dpi)


class _LayerCurves:
    """Takes the outlines of a drawing's layers from its shapes, and keeps where that fails."""

    def __init__(self, root: ElementTree.Element, frame: tuple[int, int]) -> None:
        self._reasons: dict[str, list[int]] = {}
        self._reader: CurveReader | None = None
        self._why = ""
        try:
            self._reader = CurveReader(root, frame)
        except NoOutlineError as error:
            self._why = str(error)

    def of(self, drawing: ElementTree.Element, number: int) -> tuple[PaintedArea, ...]:
        why = self._why
        if self._reader is not None:
            try:
                return tuple(self._reader.areas(drawing))
            except NoOutlineError as error:
                why = str(error)
        self._reasons.setdefault(why, []).append(number)
        return ()

    def notes(self, layers: list[RasterLayer]) -> list[str]:
        return [
            outline_note([layers[number].name for number in numbers], why)
            for why, numbers in self._reasons.items()
        ]


def draw_text(data: bytes, frame: tuple[int, int], name: str) -> NDArray[np.float32]:
    """A drawing, given as the bytes of an SVG, at a size of (H, W); straight-alpha float32 RGBA.

    Raises InputError and UnavailableError as `read_svg` does.
    """
    _check_resvg()
    root = _sanitized_tree(data, name)
    page_size(root, name)
    bgra = draw_svg(root, frame, name)
    return np.divide(bgra[..., [2, 1, 0, 3]], np.float32(255.0), dtype=np.float32)


def _check_resvg() -> None:
    try:
        import resvg_py  # noqa: F401 - drawn with later; asked for before work is done
    except ImportError as error:
        raise UnavailableError(
            "SVG drawings need resvg; run `pip install illustrators-depth[layers]`, or export the "
            "drawing as PNG."
        ) from error


def _sanitized_tree(data: bytes, name: str) -> ElementTree.Element:
    try:
        text = sanitize_svg(data, SvgLimits(), rasters="keep")
    except SvgRefusedError as error:
        raise InputError(f"{name} is not read: {SVG_REFUSALS[error.reason]}.") from error
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:  # one attribute by two names, which become one
        raise InputError(f"{name} is not read: {SVG_REFUSALS['broken-xml']}.") from error


def _crop_to_paint(bgra: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], int, int]:
    """What is painted, straight-alpha RGBA, and the place of its first pixel."""
    box = cv2.boundingRect(np.ascontiguousarray(bgra[..., 3]))
    left, top, width, height = box
    if not width:
        return np.zeros((1, 1, 4), np.uint8), 0, 0
    crop = bgra[top : top + height, left : left + width]
    return np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGRA2RGBA), np.uint8), top, left


def _with_color_names(layers: list[RasterLayer]) -> list[RasterLayer]:
    """Layers without a name are called by their colour, as predicted ones are."""
    means = [np.array(mean_color(layer.pixels())) for layer in layers if not layer.name]
    names = iter(color_names(means))
    return [layer if layer.name else replace(layer, name=next(names)) for layer in layers]


def _notes(root: ElementTree.Element, layers: list[RasterLayer]) -> list[str]:
    notes = [
        mode_note(layer.name, layer.blend) for layer in layers if layer.blend not in BLEND_MODES
    ]
    inner = sum("mix-blend-mode" in e.get("style", "") for e in root.iter())
    inner -= sum(layer.blend != "normal" for layer in layers)
    notes += [
        f"The font {family!r} is not installed: its text is drawn with another, or not at all."
        for family in missing_fonts(root)
    ]
    if inner > 0:
        notes.append(f"{inner} blend modes inside of layers do not reach what is below the layer.")
    return notes
