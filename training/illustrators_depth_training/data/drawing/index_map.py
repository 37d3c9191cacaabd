"""Which paint operation owns each pixel: the crisp ground truth before cleaning.

An opaque operation owns what it covers and nothing later covers, so the owner is the *greatest*
order among the operations that cover a pixel. Opaque operations are all drawn at once in code
colours; the others are drawn one by one and merged in with a maximum.

Rules (paper's supplement, method notes): operations under masks, filters or partly transparent
paint own the pixels where their own alpha is at least one half; faint glazes (effective opacity
under one half) own pixels only if what shows of them lies on one single layer, else they tint.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..reasons import Discarded
from ..render.renderer import Renderer
from ..svg.operations import Operation, Tree, Window
from .false_color import code_color, decode_index

__all__ = ["BACKGROUND", "OwnerMap", "at_least_half", "inside_page", "render_owners"]

BACKGROUND = -1
SUPERSAMPLING = 3  # strokes thinner than a pixel come out dotted in a crisp render
GLAZE_BELOW = 0.5
GLAZE_ON_ONE_LAYER = 0.95
MAX_SOFT_OPERATIONS = 150


@dataclass(frozen=True)
class OwnerMap:
    """owners: int32 (H, W), the order of the operation on top, `BACKGROUND` where nothing is.

    colors: uint8 (H, W, 3), the crisp picture at the same pixels. flat: whether every operation
    that owns or tints a pixel shows exactly its own colour. repainted: for a flat drawing, whether
    painting owners with their colours gave the crisp picture exactly; None if not flat. alone: bool
    (H, W) of every operation that had to be rendered alone, by order: all it covers, hidden or not.
    factor: how much finer than (H, W) it was rendered.
    """

    owners: np.ndarray
    colors: np.ndarray
    flat: bool
    repainted: bool | None
    alone: dict[int, np.ndarray] = field(default_factory=dict)
    factor: int = 1


def render_owners(
    renderer: Renderer, tree: Tree, window: Window, width: int, height: int
) -> OwnerMap:
    """Render the owner map and the crisp colours of `window` at width x height pixels."""
    scale = window.scale(width, height)
    thin = any(op.line_width is not None and op.line_width * scale < 1 for op in tree.operations)
    factor = SUPERSAMPLING if thin else 1
    wide, high = width * factor, height * factor
    owners = _opaque_owners(renderer, tree, window, wide, high)
    alone: dict[int, np.ndarray] = {}
    owners = _add_soft(renderer, tree, window, owners, alone)
    owners, tints = _add_glazes(renderer, tree, window, owners, alone)
    colors = renderer.crisp(tree.picture(window, wide, high), wide, high)
    inside = inside_page(window, wide, high)
    if not inside.all():
        owners = np.where(inside, owners, np.int32(BACKGROUND))
        colors = np.where(inside[..., None], colors, np.uint8(255))
    seen = np.unique(owners)
    operations = tree.operations
    shaded = tints or tree.blends or any(op.soft for op in operations)
    flat = not shaded and all(operations[i].flat for i in seen if i >= 0)
    repainted = _repaints(owners, colors, tree) if flat else None
    if factor > 1:
        owners, colors = _majority(owners, colors, factor)
    alone = {order: at_least_half(mask, factor) for order, mask in alone.items()}
    return OwnerMap(owners, colors, flat, repainted, alone, factor)


def _opaque_owners(
    renderer: Renderer, tree: Tree, window: Window, width: int, height: int
) -> np.ndarray:
    direct = [op for op in tree.operations if not op.soft and op.opacity >= GLAZE_BELOW]
    if not direct:
        return np.full((height, width), BACKGROUND, np.int32)
    codes = {op.order: code_color(op.order + 1) for op in direct}
    pixels = renderer.codes(tree.codes(window, width, height, codes), width, height)
    return np.where(pixels[..., 3] > 0, decode_index(pixels) - 1, np.int32(BACKGROUND))


def _add_soft(
    renderer: Renderer,
    tree: Tree,
    window: Window,
    owners: np.ndarray,
    alone: dict[int, np.ndarray],
) -> np.ndarray:
    soft = [op for op in tree.operations if op.soft]
    if len(soft) > MAX_SOFT_OPERATIONS:
        raise Discarded("too-many-soft-operations", str(len(soft)))
    height, width = owners.shape
    for op in soft:
        alpha = renderer.alpha(tree.alone(window, width, height, op), width, height)
        alone[op.order] = alpha >= 128
        owners = np.where(alone[op.order], np.maximum(owners, np.int32(op.order)), owners)
    return owners


def _add_glazes(
    renderer: Renderer,
    tree: Tree,
    window: Window,
    owners: np.ndarray,
    alone: dict[int, np.ndarray],
) -> tuple[np.ndarray, bool]:
    """Return the owners with glazes that are layers, and whether others only tint the picture."""
    glazes = [op for op in tree.operations if not op.soft and op.opacity < GLAZE_BELOW]
    if len(glazes) > MAX_SOFT_OPERATIONS:
        raise Discarded("too-many-soft-operations", str(len(glazes)))
    tints = False
    for op in glazes:
        covered = _coverage(renderer, tree, window, owners, op)
        shows = covered & (owners < op.order)
        if not shows.any():
            continue
        below = owners[shows]
        _, counts = np.unique(below, return_counts=True)
        if counts.max() >= GLAZE_ON_ONE_LAYER * below.size:
            owners = np.where(shows, np.int32(op.order), owners)
            alone[op.order] = covered
        else:
            tints = True
    return owners, tints


def _coverage(
    renderer: Renderer, tree: Tree, window: Window, owners: np.ndarray, operation: Operation
) -> np.ndarray:
    height, width = owners.shape
    drawing = tree.codes(window, width, height, {operation.order: "#000000"})
    return renderer.alpha(drawing, width, height) > 0


def inside_page(window: Window, width: int, height: int) -> np.ndarray:
    """Return which pixel centres lie on the page, fitted and centred: bool (H, W)."""
    scale = window.scale(width, height)
    x = np.abs(np.arange(width) + 0.5 - width / 2) <= window.width * scale / 2
    y = np.abs(np.arange(height) + 0.5 - height / 2) <= window.height * scale / 2
    return y[:, None] & x[None, :]


def _repaints(owners: np.ndarray, colors: np.ndarray, tree: Tree) -> bool:
    palette = np.full((len(tree.operations) + 1, 3), 255, np.uint8)
    for op in tree.operations:
        if op.color is not None:
            palette[op.order + 1] = op.color
    return bool(np.array_equal(palette[owners + 1], colors))


def at_least_half(mask: np.ndarray, factor: int) -> np.ndarray:
    """Reduce a bool mask (H * factor, W * factor) to the pixels of which it covers half or more."""
    if factor == 1:
        return mask
    height, width = mask.shape[0] // factor, mask.shape[1] // factor
    cells = mask.reshape(height, factor, width, factor).sum(axis=(1, 3), dtype=np.int32)
    return np.asarray(2 * cells >= factor * factor)


def _majority(owners: np.ndarray, colors: np.ndarray, factor: int) -> tuple[np.ndarray, np.ndarray]:
    """Reduce each factor x factor block to its most frequent owner (the upper one on a tie)."""
    height, width = owners.shape[0] // factor, owners.shape[1] // factor
    cells = factor * factor
    blocks = owners.reshape(height, factor, width, factor).transpose(0, 2, 1, 3)
    blocks = blocks.reshape(height, width, cells)
    shades = colors.reshape(height, factor, width, factor, 3).transpose(0, 2, 1, 3, 4)
    shades = shades.reshape(height, width, cells, 3)
    if height == 0:
        return blocks[..., 0], shades[..., 0, :]
    mixed = (blocks != blocks[..., :1]).any(axis=-1)
    place = np.zeros((height, width), np.int64)
    few = blocks[mixed]
    votes = (few[:, :, None] == few[:, None, :]).sum(axis=-1).astype(np.int64)
    place[mixed] = (votes * (int(owners.max()) + 2) + few + 1).argmax(axis=-1)
    rows, columns = np.indices((height, width))
    return blocks[rows, columns, place], shades[rows, columns, place]
