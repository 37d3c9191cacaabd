"""A depth that divides a picture into near and far: what is near, and layers cut by it.

The threshold is 0 (the farthest pixel's depth) to 1 (the nearest's), whatever units the depth has.
Plain functions over the engine's nouns; nothing here knows Blender.
"""

from __future__ import annotations

from collections.abc import Collection

import cv2
import numpy as np
from numpy.typing import NDArray

from illustrators_depth import editing
from illustrators_depth.errors import InputError
from illustrators_depth.types import DepthMap, LayerStack

__all__ = [
    "crossing",
    "cut_depth",
    "near_layers",
    "near_pixels",
    "split_at",
    "tint_picture",
    "two_layers",
]

# A side smaller than this share of a layer is a soft edge or noise, not a part.
_MIN_PART_SHARE = 0.02


def cut_depth(depth: DepthMap, at: float) -> float:
    """The threshold in the depth map's own units.

    Raises InputError when `at` lies outside 0..1.
    """
    if not 0.0 <= at <= 1.0:
        raise InputError(f"The threshold must lie between 0 and 1, not {at}.")
    low, high = float(depth.values.min()), float(depth.values.max())
    return low + at * (high - low)


def near_pixels(depth: DepthMap, at: float) -> NDArray[np.bool_]:
    """The pixels nearer than the threshold, bool (H, W)."""
    near: NDArray[np.bool_] = depth.values > cut_depth(depth, at)
    return near


def near_layers(stack: LayerStack, depth: DepthMap, at: float) -> NDArray[np.bool_]:
    """What is seen of the layers that lie nearer than the threshold as wholes, bool (H, W)."""
    cut_depth_value = cut_depth(depth, at)
    near = np.array([not x.hidden and x.depth > cut_depth_value for x in stack] + [False])
    chosen: NDArray[np.bool_] = near[stack.labels]  # label -1, nothing there, is the last entry
    return chosen


def crossing(stack: LayerStack, depth: DepthMap, at: float) -> list[int]:
    """The shown layers that have a real part on either side of the threshold, from the bottom."""
    cut_depth_value, indices = cut_depth(depth, at), []
    for index, layer in stack.shown():
        depths = depth.values[layer.box][layer.visible_crop]
        if depths.size:
            share = float(np.count_nonzero(depths > cut_depth_value)) / depths.size
            if _MIN_PART_SHARE <= share <= 1.0 - _MIN_PART_SHARE:
                indices.append(index)
    return indices


def split_at(stack: LayerStack, depth: DepthMap, at: float, indices: Collection[int]) -> LayerStack:
    """Cut layers into a far and a near part.

    Args:
        stack: the layers.
        depth: of the stack's size.
        at: the threshold, 0..1.
        indices: which layers, see `crossing`.

    Raises:
        InputError: a layer lies on one side, or none is named.
    """
    cut_depth_value = cut_depth(depth, at)
    if not indices:
        raise InputError(f"At threshold {at:.3g} no layer has a part on either side; move it.")
    for index in sorted(indices, reverse=True):  # from the top: places below stay what they are
        stack = editing.split(stack, index, "threshold", at=cut_depth_value, depth=depth)
    return stack


def two_layers(stack: LayerStack, depth: DepthMap, at: float) -> LayerStack:
    """Unite all shown layers into a background and a foreground, each layer going as a whole.

    Raises InputError when all of them lie on one side.
    """
    shown = [layer.depth for _, layer in stack.shown()]
    cut_depth_value = cut_depth(depth, at)
    if not any(d > cut_depth_value for d in shown) or all(d > cut_depth_value for d in shown):
        raise InputError(f"At threshold {at:.3g} all layers lie on one side; move it.")
    low, high = min(shown), max(shown)
    # Half way between the two layers next to the cut, so that rounding cannot take one over.
    below, above = (
        max(d for d in shown if d <= cut_depth_value),
        min(d for d in shown if d > cut_depth_value),
    )
    return editing.threshold(stack, (0.5 * (below + above) - low) / (high - low))


def tint_picture(
    mask: NDArray[np.bool_], color: tuple[float, float, float, float], longest: int = 1024
) -> NDArray[np.float32]:
    """A mask as a picture to lay over the drawing: `color` where it holds, clear elsewhere.

    Args:
        mask: bool (H, W), row 0 at the top.
        color: RGBA 0..1, straight alpha.
        longest: the result is scaled down to this many pixels on its longer side.

    Returns:
        float32 (h, w, 4), row 0 at the *bottom*, as textures are stored.
    """
    scale = min(1.0, longest / max(mask.shape))
    coverage = mask.astype(np.float32)
    if scale < 1.0:
        size = (max(1, round(mask.shape[1] * scale)), max(1, round(mask.shape[0] * scale)))
        coverage = cv2.resize(coverage, size, interpolation=cv2.INTER_AREA)
    picture = np.empty((*coverage.shape, 4), np.float32)
    picture[..., :3] = color[:3]
    picture[..., 3] = coverage[::-1] * np.float32(color[3])
    return picture
