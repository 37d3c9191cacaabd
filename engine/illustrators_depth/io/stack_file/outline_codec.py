"""Outlines of layers in an `.idl`: one member of points, and how many each ring has."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...types import Outline
from .checks import is_whole

__all__ = ["decode_outline", "encode_outline"]

MAX_POINTS = 1 << 22
_MAX_SUM = 1 << 32
_MAX_BEYOND_PX = 1.0  # by how much a point may lie outside of the frame

Points = NDArray[np.float32]


def encode_outline(outline: Outline) -> tuple[bytes, dict[str, Any]]:
    """The bytes of an NPY of all points, float32 (n, 2), and the rest of the manifest's entry."""
    rings = [ring for shape in outline.shapes for ring in shape]
    points = np.concatenate(rings) if rings else np.zeros((0, 2), np.float32)
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(points, np.float32), allow_pickle=False)
    sizes = [[len(ring) for ring in shape] for shape in outline.shapes]
    return buffer.getvalue(), {"shapes": sizes, "mask_sum": outline.mask_sum}


def decode_outline(
    entry: dict[str, Any], frame: tuple[int, int], read: Callable[[Any, tuple[int, int]], Points]
) -> Outline:
    """An outline from its entry.

    Args:
        entry: "points" (a member), "shapes", "mask_sum".
        frame: (H, W).
        read: gives the array of a member, of a shape.

    Raises ValueError, with the words after "the file ...", for what makes no sense.
    """
    sizes, mask_sum = entry["shapes"], entry["mask_sum"]
    if not isinstance(sizes, list) or not all(isinstance(shape, list) for shape in sizes):
        raise ValueError("has an outline without shapes")
    counts = [count for shape in sizes for count in shape]
    if not all(is_whole(count) and count >= 3 for count in counts):
        raise ValueError("has an outline with rings of no area")
    if not is_whole(mask_sum) or not 0 <= mask_sum < _MAX_SUM or sum(counts) > MAX_POINTS:
        raise ValueError("has an outline of a strange size")
    points = read(entry["points"], (sum(counts), 2))
    farthest = np.array([frame[1], frame[0]], np.float32) + _MAX_BEYOND_PX
    # Written so that NaN fails as well.
    if not bool(((points >= -_MAX_BEYOND_PX) & (points <= farthest)).all()):
        raise ValueError("has an outline that leaves its picture")
    rings = iter(np.split(points, np.cumsum(counts)[:-1]) if counts else [])
    return Outline(tuple(tuple(next(rings) for _ in shape) for shape in sizes), mask_sum)
