"""Finds thin strokes: pixels that no flat core covers and that no blend of two sides explains."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .components import component_roots
from .statistics import places_of, runs_of

__all__ = ["find_ridges"]

# Opposite neighbours, at one and two pixels, in four directions.
_DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))
_REACH = (1, 2)
# Sides must differ this much (8-bit L2) before a pixel between them can be called a blend.
_MIN_CONTRAST = 20.0
# Distance from the line between both sides that still counts as lying on it.
_ABSOLUTE_SLACK, _RELATIVE_SLACK = 8.0, 0.08
# A pixel that differs from both sides this much (8-bit L2), and the same way (cosine), is a crest:
# a hairline's pixels are, also where they lie between lighter and darker ones along it.
_CREST, _CREST_COSINE = 28.0, 0.8
# A stroke's pixels may differ this much along it (8-bit, largest channel): its own blends do.
_STROKE_STEP = 40
# Pixels of a hairline are covered more and less; they differ from its surroundings in one direction
# (cosine), on one ground (8-bit L2), and nearby about as much at most (share).
_ONE_WAY, _ONE_GROUND, _AS_MUCH = 0.95, 24.0, 0.6
_AROUND = 5
# Covered most: at least this share of the greatest difference from the ground nearby.
_PURE = 0.9
# From pixel to pixel a paint changes less than this (8-bit L2); pieces of one hairline touch this
# often per pixel of the smaller one.
_SMOOTH, _ALONG = 20.0, 0.3
# Cores narrower than this, in pixels, are flat stretches of strokes.
_GROUND = 5


def find_ridges(
    color8: NDArray[np.uint8],
    labels: NDArray[np.int32],
    candidates: NDArray[np.bool_],
    shortest: int,
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Label thin strokes among pixels that lie in no flat core, or in one that is as thin.

    Args:
        color8: uint8 (H, W, 3).
        labels: int32 (H, W), the flat cores, -1 elsewhere.
        candidates: bool (H, W), the opaque pixels without a core.
        shortest: fewer pixels than this are a corner, not a stroke.

    Returns:
        int32 (H, W): stroke number from 0, or -1; and bool (H, W), the pixels of strokes that are
        covered most, hence nearest to the paint's own colour.
    """
    result, pure = np.full(candidates.shape, -1, np.int32), np.zeros(candidates.shape, bool)
    rows, cols = np.nonzero(candidates)
    if len(rows) == 0:
        return result, pure
    keep = _is_stroke(color8, rows, cols)
    ground = _ground(labels)
    thin = _thin_cores(labels, ground)
    rows, cols = np.concatenate([rows[keep], thin[0]]), np.concatenate([cols[keep], thin[1]])
    around = _around(color8, ground, rows, cols)
    # A small flat area of the ground's own colour is a gap between strokes.
    off = np.linalg.norm(color8[rows, cols] - around, axis=1)
    keep = (labels[rows, cols] < 0) | (off > _CREST)
    rows, cols, around, off = rows[keep], cols[keep], around[keep], off[keep]
    if len(rows) == 0:
        return result, pure
    pairs, most = _neighbours(rows, cols, candidates.shape), _most(rows, cols, off)
    parts = _join(color8[rows, cols].astype(np.float32), around, most, pairs)
    counts = np.bincount(parts)
    number = np.where(counts >= shortest, np.cumsum(counts >= shortest) - 1, -1)
    result[rows, cols] = number[parts]
    pure[rows, cols] = (number[parts] >= 0) & (off >= _PURE * most)
    return result, pure


def _ground(labels: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Pixels well inside flat cores: what strokes are seen against."""
    core = (labels >= 0).astype(np.uint8)
    return cv2.erode(core, np.ones((_GROUND, _GROUND), np.uint8)) > 0


def _thin_cores(
    labels: NDArray[np.int32], ground: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of cores too narrow to be anybody's ground: flat stretches of a stroke."""
    starts, owner, lengths = runs_of(labels)
    wide = np.zeros(int(labels.max()) + 2, bool)
    wide[-1] = True  # label -1: in no core
    wide[owner[np.logical_or.reduceat(ground.ravel(), starts)]] = True
    thin = ~wide[owner]
    return np.divmod(places_of(starts[thin], lengths[thin], np.intp), labels.shape[1])


def _neighbours(
    rows: NDArray[np.intp], cols: NDArray[np.intp], shape: tuple[int, ...]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of pixels (numbers into rows and cols) that touch, corners included."""
    number = np.full((shape[0] + 1, shape[1] + 2), -1, np.int32)
    number[rows, cols + 1] = np.arange(len(rows), dtype=np.int32)
    one, other = [], []
    for dy, dx in _DIRECTIONS:
        beside = number[rows + dy, cols + 1 + dx]
        there = np.flatnonzero(beside >= 0)
        one.append(there)
        other.append(beside[there].astype(np.intp))
    return np.concatenate(one), np.concatenate(other)


def _around(
    color8: NDArray[np.uint8],
    ground: NDArray[np.bool_],
    rows: NDArray[np.intp],
    cols: NDArray[np.intp],
) -> NDArray[np.float32]:
    """Colour of the ground nearest to each pixel, float32 (n, 3); all black without any."""
    if not ground.any():
        return np.zeros((len(rows), 3), np.float32)
    _, nearest = cv2.distanceTransformWithLabels(
        (~ground).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3, labelType=cv2.DIST_LABEL_PIXEL
    )
    # Labels count the pixels of the ground in raster order, from 1.
    places = np.flatnonzero(ground)[nearest[rows, cols] - 1]
    return color8.reshape(-1, 3)[places].astype(np.float32)


def _most(
    rows: NDArray[np.intp], cols: NDArray[np.intp], off: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The greatest difference from the ground a few pixels around each pixel, float32 (n,)."""
    top, left = int(rows.min()), int(cols.min())
    image = np.zeros((int(rows.max()) + 1 - top, int(cols.max()) + 1 - left), np.float32)
    image[rows - top, cols - left] = off
    most = cv2.dilate(image, np.ones((_AROUND, _AROUND), np.uint8))
    return np.asarray(most[rows - top, cols - left], np.float32)


def _join(
    color: NDArray[np.float32],
    around: NDArray[np.float32],
    most: NDArray[np.float32],
    pairs: tuple[NDArray[np.intp], NDArray[np.intp]],
) -> NDArray[np.int32]:
    """Number pixels by the stroke they belong to, int32 (n,)."""
    one, other = pairs
    steps = ((color + _STROKE_STEP // 2) // _STROKE_STEP).astype(np.int32)
    code = steps[:, 0] * 64 + steps[:, 1] * 8 + steps[:, 2]
    off = color - around
    size = np.linalg.norm(off, axis=1)
    cosine = (off[one] * off[other]).sum(axis=1) / np.maximum(size[one] * size[other], 1e-3)
    apart = np.linalg.norm(around[one] - around[other], axis=1)
    low, high = np.minimum(most[one], most[other]), np.maximum(most[one], most[other])
    one_paint = (cosine > _ONE_WAY) & (apart < _ONE_GROUND) & (low >= _AS_MUCH * high)
    smooth = np.linalg.norm(color[one] - color[other], axis=1) < _SMOOTH
    sure = (code[one] == code[other]) | (one_paint & smooth)
    parts = _components(one[sure], other[sure], len(color))
    # What is left: pieces that could be of one paint. Pieces of a hairline, covered more and less,
    # lie against each other all along; strokes that cross meet at one place.
    one, other = parts[one[one_paint & ~sure]], parts[other[one_paint & ~sure]]
    pair = np.stack([np.minimum(one, other), np.maximum(one, other)])[:, one != other]
    pair, contacts = np.unique(pair, axis=1, return_counts=True)
    counts = np.bincount(parts)
    mean = np.bincount(parts, most) / counts
    low, high = np.minimum(mean[pair[0]], mean[pair[1]]), np.maximum(mean[pair[0]], mean[pair[1]])
    along = contacts >= _ALONG * np.minimum(counts[pair[0]], counts[pair[1]])
    along &= low >= _AS_MUCH * high
    joined = _components(pair[0][along], pair[1][along], len(counts))
    return joined[parts]


def _components(
    one: NDArray[np.integer], other: NDArray[np.integer], size: int
) -> NDArray[np.int32]:
    """Number the connected components of a graph of `size` nodes, int32 (size,), by first node."""
    roots = component_roots(one, other, size)
    return np.asarray(np.unique(roots, return_inverse=True)[1], np.int32)


def _is_stroke(
    color8: NDArray[np.uint8], rows: NDArray[np.intp], cols: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Whether each pixel is a crest, or at least no blend of two opposite neighbours."""
    height, width = color8.shape[:2]
    # A pixel as one number of four bytes is fetched several times faster than three of one.
    packed = cv2.cvtColor(color8, cv2.COLOR_RGB2RGBA).view(np.uint32)[..., 0]

    def colors(r: NDArray[np.intp], c: NDArray[np.intp]) -> NDArray[np.float32]:
        found = packed[np.clip(r, 0, height - 1), np.clip(c, 0, width - 1)]
        return found.view(np.uint8).reshape(-1, 4)[:, :3].astype(np.float32)

    own = colors(rows, cols)
    blend = np.zeros(len(rows), bool)
    crest = np.zeros(len(rows), bool)
    for reach in _REACH:
        for dy, dx in _DIRECTIONS:
            ahead = colors(rows + reach * dy, cols + reach * dx)
            behind = colors(rows - reach * dy, cols - reach * dx)
            span = ahead - behind
            length2 = (span * span).sum(axis=1)
            offset = own - behind
            along = (offset * span).sum(axis=1)
            t = along / np.maximum(length2, 1.0)
            residual = offset - t[:, None] * span
            length = np.sqrt(length2)
            near = (residual * residual).sum(axis=1) <= (
                _ABSOLUTE_SLACK + _RELATIVE_SLACK * length
            ) ** 2
            blend |= (length >= _MIN_CONTRAST) & near & (t > 0.08) & (t < 0.92)
            # From the pixel to both sides: lengths, and the angle between.
            one = np.sqrt((offset * offset).sum(axis=1))
            two = np.sqrt(((own - ahead) ** 2).sum(axis=1))
            both = (offset * offset).sum(axis=1) - along
            crest |= (one > _CREST) & (two > _CREST) & (both > _CREST_COSINE * one * two)
    stroke: NDArray[np.bool_] = crest | ~blend
    return stroke
