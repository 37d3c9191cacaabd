"""Layers as files hold them, pixels at a place, and the stack that they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..types import BLEND_MODES, Layer, LayerStack, top_labels
from .bake_modes import bake_blend_modes
from .group_names import clean_name
from .svg.curves.agreement import checked_outline
from .svg.curves.layer_outline import PaintedArea

__all__ = [
    "FileLayers",
    "RasterLayer",
    "mean_color",
    "mode_note",
    "outline_note",
    "stack_of_layers",
]

MAX_LAYERS = 255
_MISREAD = "its pixels are not those of its shapes, as where it fades"
MIN_ALPHA = 1.0 / 255.0
"""Coverage below what 8 bits can hold is nothing."""


@dataclass(frozen=True)
class RasterLayer:
    """One layer of a file.

    Attributes:
        name: as the file has it; empty where it has none.
        rgba: (h, w, 4), straight alpha, sRGB, float32 0..1 or uint8; opacity and masks are applied.
        top, left: the place of its first pixel in the frame; it may reach beyond the frame.
        hidden: whether the file hides it, or a group that it is in.
        group: names of the groups that it is in, outermost first.
        blend: its blend mode, one of `blend.ALL_MODES`.
        isolated: how many of its groups, from the outermost, lie up to the innermost one that is
            a picture of its own, in which blend modes do not reach what is below it; 0 for none.
        areas: what its shapes cover, in pixels of the frame, where the file draws it with curves.
    """

    name: str
    rgba: NDArray[np.float32] | NDArray[np.uint8]
    top: int = 0
    left: int = 0
    hidden: bool = False
    group: tuple[str, ...] = ()
    blend: str = "normal"
    isolated: int = 0
    areas: tuple[PaintedArea, ...] = ()

    def pixels(self, box: tuple[slice, slice] = (slice(None), slice(None))) -> NDArray[np.float32]:
        """A part of the pixels as float32 (h, w, 4), 0..1."""
        part = self.rgba[box]
        if part.dtype == np.uint8:
            return np.divide(part, np.float32(255.0), dtype=np.float32)
        return np.ascontiguousarray(part, np.float32)


@dataclass(frozen=True)
class FileLayers:
    """What a reader takes out of a file.

    Attributes:
        layers: bottom to top.
        frame: (H, W) of the page in pixels.
        notes: sentences on what could not be kept.
        dpi: dots per inch; None where the file does not say.
    """

    layers: list[RasterLayer]
    frame: tuple[int, int]
    notes: list[str]
    dpi: float | None = None


def stack_of_layers(
    layers: Sequence[RasterLayer], frame: tuple[int, int], name: str, meta: dict[str, Any]
) -> LayerStack:
    """A stack of the layers of a file, bottom to top.

    A layer covers the pixels where its alpha is at least half of the most it has anywhere, so that
    a faint shadow is a layer, too. Layers without a pixel inside the frame are left out. A blend
    mode that stacks do not keep is worked into the layer's colours, over the layers below it.

    Args:
        frame: (H, W) of the whole picture. name: the stack's. meta: travels with it.

    Raises:
        InputError: no layer has a pixel, all are hidden, or there are too many.
    """
    file = meta.get("file", name)
    cropped = [(layer, _inside(layer, frame)) for layer in layers]
    inside = [(layer, window) for layer, window in cropped if window is not None]
    if not inside:
        raise InputError(f"{file} has no layer with a pixel inside its page; nothing to stack.")
    if all(layer.hidden for layer, _ in inside):
        raise InputError(f"All layers of {file} are hidden; show one and save it again.")
    if len(inside) > MAX_LAYERS:
        raise InputError(
            f"{file} has {len(inside)} layers, more than {MAX_LAYERS}; merge or group some of them."
        )
    stacked = [_layer(layer, window, frame, i) for i, (layer, window) in enumerate(inside)]
    stacked, notes = bake_blend_modes(
        stacked, [(x.blend, x.group[: x.isolated]) for x, _ in inside], frame
    )
    misread = [
        x.name for (x, _), y in zip(inside, stacked, strict=True) if x.areas and not y.outline
    ]
    if misread:
        notes.append(outline_note(misread, _MISREAD))
    if notes:
        meta = {**meta, "notes": [*meta.get("notes", []), *notes]}
    labels = top_labels(stacked, frame)
    finished = [
        replace(
            layer,
            visible_crop=labels[layer.box] == index,
            color=mean_color(layer.rgba_crop, labels[layer.box] == index),
        )
        for index, layer in enumerate(stacked)
    ]
    return LayerStack(labels, tuple(finished), name, meta)


def mode_note(name: str, mode: str) -> str:
    """The sentence on a blend mode that stacks do not keep."""
    return f"{name!r} ({mode}) is kept as it looks over the layers below it."


def outline_note(names: Sequence[str], why: str) -> str:
    """The sentence on layers whose outlines are not those of their shapes."""
    some = ", ".join(repr(name) for name in names[:3]) + (", ..." if len(names) > 3 else "")
    return f"Outlines from pixels instead of curves: {some} ({why})."


def _inside(layer: RasterLayer, frame: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """The window (top, left, bottom, right) of what a layer paints inside the frame."""
    alpha = layer.rgba[..., 3]
    min_alpha = 1 if alpha.dtype == np.uint8 else MIN_ALPHA
    first_column, first_row, width, height = cv2.boundingRect((alpha >= min_alpha).view(np.uint8))
    if not width:
        return None
    top, left = max(0, layer.top + first_row), max(0, layer.left + first_column)
    bottom = min(frame[0], layer.top + first_row + height)
    right = min(frame[1], layer.left + first_column + width)
    return (top, left, bottom, right) if top < bottom and left < right else None


def _layer(
    layer: RasterLayer, window: tuple[int, int, int, int], frame: tuple[int, int], index: int
) -> Layer:
    top, left, bottom, right = window
    rows = slice(top - layer.top, bottom - layer.top)
    columns = slice(left - layer.left, right - layer.left)
    rgba = layer.pixels((rows, columns))
    mask = rgba[..., 3] >= max(MIN_ALPHA, 0.5 * float(rgba[..., 3].max()))
    return Layer(
        name=clean_name(layer.name) or f"layer {index + 1}",
        depth=float(index + 1),
        color=(0.0, 0.0, 0.0),
        frame=frame,
        window=window,
        visible_crop=mask,
        mask_crop=mask,
        rgba_crop=rgba,
        hidden=layer.hidden,
        uid=index + 1,
        confidence=1.0,
        group=layer.group,
        blend=layer.blend if layer.blend in BLEND_MODES else "normal",
        outline=checked_outline(layer.areas, rgba, mask, window, frame) if layer.areas else None,
    )


def mean_color(
    rgba: NDArray[np.float32], where: NDArray[np.bool_] | None = None
) -> tuple[float, float, float]:
    """Mean colour of straight-alpha pixels, weighted by alpha; of all where `where` is empty."""
    alpha = cv2.extractChannel(rgba, 3)
    weight = alpha if where is None or not where.any() else alpha * where
    rows = np.matmul(weight.astype(np.float32)[:, None, :], rgba)[:, 0]
    # Rows are short enough for single precision; all pixels of a large layer are not.
    mean = rows.sum(axis=0, dtype=np.float64)[:3] / max(float(weight.sum(dtype=np.float64)), 1e-6)
    return float(mean[0]), float(mean[1]), float(mean[2])
