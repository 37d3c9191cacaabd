"""Inserts a picture between the layers of a stack, scaled, turned and cut to the frame."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, check_kind
from ..layering.compositing.composite import straight
from ..layering.layer_tree import common_group
from ..types import Image, Layer, LayerStack
from .restack import check_name, is_number, is_whole, restack

if TYPE_CHECKING:
    from PIL import Image as PilImage

__all__ = ["Placement", "insert"]

_SOLID_ALPHA = 0.5
_FAINT_ALPHA = 0.1


@dataclass(frozen=True)
class Placement:
    """Where an inserted picture goes.

    Attributes:
        x, y: its centre in pixels of the stack's frame, from the upper left corner; None is the
            middle of the frame.
        scale: its size against its own pixels.
        rotation: degrees, counter-clockwise.
    """

    x: float | None = None
    y: float | None = None
    scale: float = 1.0
    rotation: float = 0.0

    def check(self) -> None:
        for field, value in (("x", self.x), ("y", self.y), ("rotation", self.rotation)):
            if value is not None and not (is_number(value) and math.isfinite(value)):
                raise InputError(f"The placement's {field} must be a finite number.")
        if not (is_number(self.scale) and math.isfinite(self.scale) and 0.0 < self.scale <= 1000.0):
            raise InputError(
                f"The placement's scale must lie between 0 and 1000, not {self.scale!r}."
            )


def insert(
    stack: LayerStack,
    image: str | Path | PilImage.Image | NDArray[Any] | Image,
    at: int,
    placement: Placement | None = None,
    name: str | None = None,
) -> LayerStack:
    """Put a picture into the stack as a layer of its own.

    Args:
        stack: the layers.
        image: a path, a PIL image, an array or an Image; its alpha is its outline.
        at: index it will have: 0 puts it under everything, len(stack) on top.
        placement: where, how large and how turned; by default in the middle at its own size.
        name: by default the picture's.

    Undone by `delete(stack, at)`. Raises InputError when `at` is out of range, or when nothing of
    the picture lies inside the frame.
    """
    from ..io.pictures.read_image import read_image

    check_kind(stack, LayerStack, "stack")
    if not is_whole(at) or not 0 <= at <= len(stack):
        raise InputError(
            f"A picture is inserted at 0 (bottom) to {len(stack)} (top of {stack.name!r}), not at "
            f"{at!r}."
        )
    if placement is None:
        placement = Placement()
    check_kind(placement, Placement, "placement")
    placement.check()
    picture = read_image(image)
    label = check_name(name if name is not None else _printable_name(picture.name))
    layer = _layer_of(stack, picture, placement, label, _depth_at(stack, int(at)))
    if 0 < at < len(stack):  # between two layers of a group it is in the group
        group = common_group(neighbor.group for neighbor in stack.layers[at - 1 : at + 1])
        layer = replace(layer, group=group)
    layers = [*stack.layers[:at], layer, *stack.layers[at:]]
    return restack(stack, layers, {"op": "insert", "at": int(at), "name": label})


def _printable_name(name: str) -> str:
    printable = "".join(c if c.isprintable() and c not in "/\\" else " " for c in name)
    return printable.strip()[:200] or "picture"


def _depth_at(stack: LayerStack, at: int) -> float:
    """Between the depths of the layers it comes to lie between."""
    depths = [layer.depth for layer in stack.layers]
    if not depths:
        return 0.0
    if at == 0:
        return depths[0] - 0.5
    if at == len(depths):
        return depths[-1] + 0.5
    return 0.5 * (depths[at - 1] + depths[at])


def _layer_of(
    stack: LayerStack, picture: Image, placement: Placement, name: str, depth: float
) -> Layer:
    """The picture as a layer, visible wherever it lies."""
    if float(picture.alpha.max()) < _FAINT_ALPHA:
        raise InputError(f"The picture {name!r} is transparent; there is nothing to insert.")
    warped = _warped(picture, placement, stack.height, stack.width)
    peak = 0.0 if warped is None else float(warped.rgba[..., 3].max())
    if warped is None or peak < _FAINT_ALPHA:
        raise InputError(
            f"The picture {name!r} would lie outside the canvas of {stack.width}x{stack.height} "
            "pixels; place its centre within it."
        )
    # A speck that falls between pixels covers none by half: then where it covers most.
    mask = warped.rgba[..., 3] >= min(_SOLID_ALPHA, peak)
    color = warped.rgba[mask][:, :3].mean(axis=0)
    return Layer(
        name=name,
        depth=depth,
        color=(float(color[0]), float(color[1]), float(color[2])),
        frame=(stack.height, stack.width),
        window=warped.window,
        visible_crop=mask,
        mask_crop=mask,
        rgba_crop=warped.rgba,
    )


@dataclass(frozen=True)
class _Warped:
    """A picture scaled, turned and cut to the frame.

    Attributes:
        rgba: float32 (h, w, 4), straight alpha, of its window.
        window: (top, left, bottom, right) in the frame.
    """

    rgba: NDArray[np.float32]
    window: tuple[int, int, int, int]


def _warped(picture: Image, placement: Placement, rows: int, columns: int) -> _Warped | None:
    """The picture in a frame of (rows, columns) pixels; None where it lies outside."""
    x = columns / 2.0 if placement.x is None else placement.x
    y = rows / 2.0 if placement.y is None else placement.y
    pixels = _averaged(picture, placement.scale)
    height, width = pixels.shape[:2]
    scale_x = picture.width * placement.scale / width
    scale_y = picture.height * placement.scale / height
    turn = math.radians(placement.rotation)
    matrix = np.array(
        [
            [math.cos(turn) * scale_x, math.sin(turn) * scale_y],
            [-math.sin(turn) * scale_x, math.cos(turn) * scale_y],
        ]
    )
    corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]])
    reach = (corners / 2.0 @ matrix.T) + (x, y)
    left, top = (max(0, math.floor(v) - 1) for v in reach.min(axis=0))
    right = min(columns, math.ceil(reach[:, 0].max()) + 1)
    bottom = min(rows, math.ceil(reach[:, 1].max()) + 1)
    if left >= right or top >= bottom:
        return None
    # Pixel centres lie at half numbers on both sides.
    middle = np.array([width / 2.0 - 0.5, height / 2.0 - 0.5])
    shift = np.array([x - left - 0.5, y - top - 0.5]) - matrix @ middle
    size = (right - left, bottom - top)
    warped = cv2.warpAffine(
        pixels, np.column_stack([matrix, shift]), size, flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT, borderValue=(0, 0, 0, 0),
    )  # fmt: skip
    return _Warped(straight(warped), (top, left, bottom, right))


def _averaged(picture: Image, scale: float) -> NDArray[np.float32]:
    """Premultiplied pixels, averaged where they shrink: a warp by itself takes samples."""
    pixels = picture.rgba.copy()
    pixels[..., :3] *= pixels[..., 3:]
    if scale >= 1.0:
        return pixels
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)
