"""The paper's cleaning: from paint operations to layers, or to a named reason to discard.

Order of the rules: operations of which no pixel shows are dropped, consecutive operations of the
same colour are merged (the white page is the first of them), then drawings are discarded whose
layers touch in one colour although others lie between them, and drawings with a single layer.
Each rule has its switch, which the ablation "without data cleaning" turns off.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..reasons import Discarded
from ..svg.operations import Operation
from .index_map import OwnerMap
from .invisible import invisible_boundary_fraction, invisible_pairs, largest_channel

__all__ = [
    "CleaningRules",
    "Layers",
    "clean",
    "invisible_boundary_fraction",
    "invisible_pairs",
    "unindexed_ink",
]

_PAGE = (255, 255, 255, 255)
_INK = 16  # least difference per channel, 0..255, at which a pixel shows something else


@dataclass(frozen=True)
class CleaningRules:
    """Switches of the cleaning; the defaults are the paper's.

    invisible_boundary: the greatest part of all boundary length between layers that may lie
    between equal colours. color_tolerance: greatest difference per channel, 0..255, at which two
    crisp colours count as equal; above 0 because two gradients that meet in the same colour differ
    by rounding (at 0, a third of the noto emoji slips through). rasters: discard drawings with
    bitmaps (else only drop those). repaint_check: discard flat drawings whose index does not give
    the crisp picture back. hairlines, hairline_ink: discard drawings of which more than this part
    of the ink is thinner than the pixel grid, so that the picture shows what the index cannot.
    """

    merge: bool = True
    drop_invisible: bool = True
    discard_invisible_boundaries: bool = True
    invisible_boundary: float = 0.01
    color_tolerance: int = 2
    min_layers: int = 2
    rasters: bool = True
    repaint_check: bool = True
    hairlines: bool = True
    hairline_ink: float = 0.2
    duplicates: bool = True
    near_duplicates: bool = True


@dataclass(frozen=True)
class Layers:
    """index: int32 (H, W), 1 = background (the page) upwards without gaps unless layers without
    pixels are kept. count: the number of layers. palette: RGB per layer, None where a layer has
    not one flat colour; palette[0] belongs to index 1. operations: per layer the orders of its
    operations. page: whether the white page is (part of) layer 1. invisible: pairs of layers, lower
    first, that meet in one colour along at least half of their border.
    """

    index: np.ndarray
    count: int
    palette: tuple[tuple[int, int, int] | None, ...]
    operations: tuple[tuple[int, ...], ...] = ()
    page: bool = True
    invisible: tuple[tuple[int, int], ...] = ()


def clean(owner_map: OwnerMap, operations: tuple[Operation, ...], rules: CleaningRules) -> Layers:
    """Turn owners into layer indices under `rules`; raises `Discarded`."""
    owners = owner_map.owners
    visible = np.bincount((owners + 1).ravel(), minlength=len(operations) + 1) > 0
    if not visible[1:].any():
        raise Discarded("empty", "nothing shows inside the window")
    if rules.repaint_check and owner_map.repainted is False:
        raise Discarded("repaint-mismatch")
    keys = [_PAGE, *(_paint_key(op) for op in operations)]
    layer_of = np.zeros(len(keys), np.int32)
    layers: list[tuple[int, ...] | None] = []
    members: list[list[int]] = []
    for position, key in enumerate(keys):
        if rules.drop_invisible and not visible[position]:
            continue
        if not (rules.merge and layers and key is not None and layers[-1] == key):
            layers.append(key)
            members.append([])
        if position > 0:
            members[-1].append(operations[position - 1].order)
        layer_of[position] = len(layers)
    index = layer_of[owners + 1]
    if rules.discard_invisible_boundaries:
        fraction = invisible_boundary_fraction(index, owner_map.colors, rules.color_tolerance)
        if fraction > rules.invisible_boundary:
            raise Discarded("invisible-boundary", f"{fraction:.3f} of the boundary")
    if len(layers) < rules.min_layers:
        raise Discarded("single-layer", f"{len(layers)}")
    palette = tuple(
        (key[0], key[1], key[2]) if key is not None and key[3] == 255 else None for key in layers
    )
    # A white bottom rectangle that hides the page is the page.
    page = layers[0] == _PAGE
    return Layers(
        index,
        len(layers),
        palette,
        tuple(tuple(m) for m in members),
        page,
        invisible_pairs(index, owner_map.colors, rules.color_tolerance),
    )


def _paint_key(operation: Operation) -> tuple[int, int, int, int] | None:
    """Return what must be equal for two operations to merge: colour and strength."""
    if operation.color is None or operation.soft:
        return None
    return (*operation.color, round(min(operation.opacity, 1.0) * 255))


def unindexed_ink(rgb: np.ndarray, colors: np.ndarray, index: np.ndarray) -> float:
    """Return which part of a drawing's ink its index map misses, 0..1.

    rgb: uint8 (H, W, 3), anti-aliased; colors: the crisp picture; index: (H, W) integers. Pixels
    beside a boundary differ by anti-aliasing and do not count.
    """
    levels = index.astype(np.float32)
    square = np.ones((3, 3), np.uint8)
    inner = cv2.dilate(levels, square) == cv2.erode(levels, square)
    step = largest_channel(np.abs(rgb.astype(np.int16) - colors))
    missed = int(((step > _INK) & inner).sum())
    drawn = int((index != index.min()).sum())
    return missed / (missed + drawn) if missed else 0.0
