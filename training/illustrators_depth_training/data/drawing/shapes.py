"""Every layer alone: its full shape, also where upper layers hide it, and which pairs hide.

Order between two layers is a fact only where one covers part of the other; side by side, either
order draws the same picture. Full shapes tell the two apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..render.renderer import Renderer
from ..svg.boxes import PixelBox, operation_box
from ..svg.operations import Tree, Window
from .cleaning import Layers
from .false_color import code_color, decode_index
from .index_map import OwnerMap, at_least_half, inside_page
from .shape_packing import MIN_OVERLAP_PX, pack_shapes, unpack_shapes

__all__ = [
    "MIN_OVERLAP_PX",
    "Occlusion",
    "full_shapes",
    "occlusions",
    "pack_shapes",
    "unpack_shapes",
]

Shapes = NDArray[np.bool_]
Occlusion = tuple[int, int, int, int]
"""Below, above (1-based layer indices), hidden pixels, visible border pixels."""

MIN_OVERLAP_SHARE = 0.02
"""Part of the smaller full shape that one layer hides of another at least, if it hides it."""


@dataclass(frozen=True)
class _Part:
    """The operations of one layer that are still to be rendered.

    Attributes:
        layer: from 0, the bottom. orders: of the operations.
        box: the pixels outside of which they paint nothing.
        thin: whether a stroke is thinner than a pixel, so that it is rendered larger.
    """

    layer: int
    orders: tuple[int, ...]
    box: PixelBox
    thin: bool


def full_shapes(
    renderer: Renderer,
    tree: Tree,
    window: Window,
    layers: Layers,
    owner_map: OwnerMap,
) -> Shapes:
    """Return each layer's full shape, rendered alone without anti-aliasing: bool (N, H, W).

    A layer is all its operations of which some pixel shows. The page is everywhere. Operations
    that were rendered alone for the index map are taken from there; the others are drawn in code
    colours, layers whose boxes do not meet in one picture.

    Args:
        window: what of the drawing is fitted into the pixels of `layers.index`.
        owner_map: what the index came from, with its renderings and its enlargement.

    Raises Discarded when the renderer fails.
    """
    height, width = layers.index.shape
    shapes = np.zeros((layers.count, height, width), np.bool_)
    plain: list[_Part] = []
    scale = window.scale(width, height)
    for layer, orders in enumerate(layers.operations):
        rest = []
        for order in orders:
            if order in owner_map.alone:
                shapes[layer] |= owner_map.alone[order]
            else:
                rest.append(order)
        if rest:
            operations = [tree.operations[order] for order in rest]
            boxes = [operation_box(op, window, width, height) for op in operations]
            thin = owner_map.factor > 1 and any(
                op.line_width is not None and op.line_width * scale < 1 for op in operations
            )
            plain.append(_Part(layer, tuple(rest), _union(boxes), thin))
    for batch in _disjoint_batches(plain):
        _render_batch(renderer, tree, window, batch, owner_map.factor, shapes)
    inside = inside_page(window, width, height)
    if not inside.all():
        shapes &= inside
    if layers.page:
        shapes[0] = True
    rows, columns = np.indices(layers.index.shape, sparse=True)
    # Of an enlarged rendering a pixel's most frequent owner may cover less than half of it.
    shapes[layers.index - 1, rows, columns] = True
    return shapes


def _render_batch(
    renderer: Renderer,
    tree: Tree,
    window: Window,
    batch: Sequence[_Part],
    factor: int,
    shapes: Shapes,
) -> None:
    """Draw layers whose boxes do not meet, all in one picture, and add each to `shapes` in place.

    factor: enlargement that strokes thinner than a pixel are drawn at.
    """
    _, height, width = shapes.shape
    factor = factor if any(part.thin for part in batch) else 1
    wide, high = width * factor, height * factor
    codes = {order: code_color(part.layer + 1) for part in batch for order in part.orders}
    pixels = renderer.codes(tree.outlines(window, wide, high, codes), wide, high)
    for part in batch:
        left, top, right, bottom = part.box
        crop = pixels[top * factor : bottom * factor, left * factor : right * factor]
        painted = (crop[..., 3] > 0) & (decode_index(crop) == part.layer + 1)
        shapes[part.layer, top:bottom, left:right] |= at_least_half(painted, factor)


def _disjoint_batches(parts: Sequence[_Part]) -> list[list[_Part]]:
    """Return the layers in groups in which no two boxes meet, by first fit, the largest first."""
    batches: list[list[_Part]] = []
    for part in sorted(parts, key=lambda p: (p.thin, -_area(p.box), p.layer)):
        for batch in batches:
            if batch[0].thin == part.thin and not any(_meet(part.box, p.box) for p in batch):
                batch.append(part)
                break
        else:
            batches.append([part])
    return batches


def _area(box: PixelBox) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _meet(a: PixelBox, b: PixelBox) -> bool:
    """Whether two boxes share a pixel."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _union(boxes: Sequence[PixelBox]) -> PixelBox:
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def occlusions(shapes: Shapes, index: NDArray[np.int32], *, page: bool) -> list[Occlusion]:
    """Return the pairs of layers of which the upper hides part of the lower, by layer indices.

    shapes: bool (N, H, W), full shapes, bottom to top. index: int32 (H, W), 1 = bottom. page:
    whether layer 1 is the page, which hides nothing that was drawn and counts in no pair.
    """
    count, height, width = shapes.shape
    min_hidden_px = max(MIN_OVERLAP_PX * height * width / 512**2, 1.0)
    areas = [int(np.count_nonzero(shape)) for shape in shapes]
    boxes = [_tight_box(shape) for shape in shapes]
    borders = visible_borders(index, count)
    pairs: list[Occlusion] = []
    for below in range(1 if page else 0, count):
        for above in range(below + 1, count):
            a, b = boxes[below], boxes[above]
            if not _meet(a, b):
                continue
            rows = slice(max(a[1], b[1]), min(a[3], b[3]))
            columns = slice(max(a[0], b[0]), min(a[2], b[2]))
            both = shapes[below, rows, columns] & shapes[above, rows, columns]
            hidden = int(np.count_nonzero(both))
            smaller = min(areas[below], areas[above])
            if hidden >= min_hidden_px and hidden >= MIN_OVERLAP_SHARE * smaller:
                border = borders.get((below + 1, above + 1), 0)
                pairs.append((below + 1, above + 1, hidden, border))
    return pairs


def _tight_box(shape: NDArray[np.bool_]) -> PixelBox:
    """The box of a shape's pixels; empty at the origin without any."""
    left, top, width, height = cv2.boundingRect(shape.view(np.uint8))
    return left, top, left + width, top + height


def visible_borders(index: NDArray[np.int32], count: int) -> dict[tuple[int, int], int]:
    """Return how many pairs of neighbouring pixels lie across the border of two layers.

    By (lower, upper) index; pairs that do not touch are missing. index: int32 (H, W), 1 to `count`.
    """
    codes = []
    for a, b in ((index[:, 1:], index[:, :-1]), (index[1:], index[:-1])):
        cut = a != b
        low, high = np.minimum(a[cut], b[cut]), np.maximum(a[cut], b[cut])
        codes.append(low.astype(np.int64) * (count + 1) + high)
    lengths = Counter(np.concatenate(codes).tolist())
    return {divmod(pair, count + 1): length for pair, length in lengths.items()}
