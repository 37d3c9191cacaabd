"""Finds thin strokes: pixels that no flat core covers and that no blend of two sides explains."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..raster.components import component_roots
from ..raster.nearest import nearest_known
from .packed_pixels import Channels, channels_of, packed_with_border
from .statistics import places_of, runs_of

__all__ = ["find_thin_strokes"]

# Opposite neighbours, at one and two pixels, in four directions.
_DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))
_REACHES_PX = (1, 2)
# Sides must differ this much (8-bit L2) before a pixel between them can be called a blend.
_MIN_CONTRAST = 20.0
# Distance from the line between both sides' colours that still counts as lying on it.
_LINE_TOLERANCE, _LINE_TOLERANCE_SHARE = 8.0, 0.08
# A pixel that differs from both sides this much (8-bit L2), and the same way (cosine), is an
# extremum: a hairline's pixels are, also where they lie between lighter and darker ones along it.
_EXTREMUM_CONTRAST, _EXTREMUM_COSINE = 28.0, 0.8
# A stroke's pixels may differ this much along it (8-bit, largest channel): its own blends do.
_COLOR_STEP = 40
# Pixels of a hairline are covered more and less; they differ from its surroundings in one direction
# (cosine), on one background (8-bit L2), and nearby about as much at most (share).
_MIN_DIRECTION_COSINE, _MAX_BACKGROUND_DIFFERENCE, _MIN_COVERAGE_RATIO = 0.95, 24.0, 0.6
_NEIGHBOURHOOD_PX = 5
# Covered most: at least this share of the greatest difference from the background nearby.
_MIN_PURE_COVERAGE = 0.9
# From pixel to pixel a paint changes less than this (8-bit L2); pieces of one hairline touch this
# often per pixel of the smaller one.
_MAX_COLOR_STEP, _MIN_CONTACT_SHARE = 20.0, 0.3
# Cores narrower than this, in pixels, are flat stretches of strokes.
_BACKGROUND_PX = 5
# Pixels that are looked at together.
_CHUNK_PX = 1 << 14


def find_thin_strokes(
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
    stroke_labels, pure = np.full(candidates.shape, -1, np.int32), np.zeros(candidates.shape, bool)
    rows, cols = np.nonzero(candidates)
    if len(rows) == 0:
        return stroke_labels, pure
    keep = _is_stroke(color8, rows, cols)
    background = _background(labels)
    thin = _thin_cores(labels, background)
    rows, cols = np.concatenate([rows[keep], thin[0]]), np.concatenate([cols[keep], thin[1]])
    backdrop = _nearest_background(color8, background, rows, cols)
    # A small flat area of the background's own colour is a gap between strokes.
    contrast = np.linalg.norm(color8[rows, cols] - backdrop, axis=1)
    keep = (labels[rows, cols] < 0) | (contrast > _EXTREMUM_CONTRAST)
    rows, cols, backdrop, contrast = rows[keep], cols[keep], backdrop[keep], contrast[keep]
    if len(rows) == 0:
        return stroke_labels, pure
    pairs, peak = _neighbours(rows, cols, candidates.shape), _local_maximum(rows, cols, contrast)
    # Without a background nothing tells pixels that are covered less from those of a darker paint.
    strength = peak if background.any() else contrast
    parts = _join(color8[rows, cols].astype(np.float32), backdrop, strength, pairs)
    counts = np.bincount(parts)
    number = np.where(counts >= shortest, np.cumsum(counts >= shortest) - 1, -1)
    stroke_labels[rows, cols] = number[parts]
    pure[rows, cols] = (number[parts] >= 0) & (contrast >= _MIN_PURE_COVERAGE * peak)
    return stroke_labels, pure


def _background(labels: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Pixels well inside flat cores: what strokes are seen against."""
    core = (labels >= 0).astype(np.uint8)
    return cv2.erode(core, np.ones((_BACKGROUND_PX, _BACKGROUND_PX), np.uint8)) > 0


def _thin_cores(
    labels: NDArray[np.int32], background: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of cores too narrow to be a background: flat stretches of a stroke."""
    starts, owner, lengths = runs_of(labels)
    wide = np.zeros(int(labels.max()) + 2, bool)
    wide[-1] = True  # label -1: in no core
    wide[owner[np.logical_or.reduceat(background.ravel(), starts)]] = True
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
        neighbour = number[rows + dy, cols + 1 + dx]
        first = np.flatnonzero(neighbour >= 0)
        one.append(first)
        other.append(neighbour[first].astype(np.intp))
    return np.concatenate(one), np.concatenate(other)


def _nearest_background(
    color8: NDArray[np.uint8],
    background: NDArray[np.bool_],
    rows: NDArray[np.intp],
    cols: NDArray[np.intp],
) -> NDArray[np.float32]:
    """Colour of the background nearest to each pixel, float32 (n, 3); all black without any."""
    if not background.any():
        return np.zeros((len(rows), 3), np.float32)
    nearest = nearest_known(background, cv2.DIST_MASK_3)
    places = np.flatnonzero(background)[nearest[rows, cols]]
    return color8.reshape(-1, 3)[places].astype(np.float32)


def _local_maximum(
    rows: NDArray[np.intp], cols: NDArray[np.intp], contrast: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The greatest difference from the background a few pixels around each pixel, float32 (n,)."""
    top, left = int(rows.min()), int(cols.min())
    image = np.zeros((int(rows.max()) + 1 - top, int(cols.max()) + 1 - left), np.float32)
    image[rows - top, cols - left] = contrast
    peak = cv2.dilate(image, np.ones((_NEIGHBOURHOOD_PX, _NEIGHBOURHOOD_PX), np.uint8))
    return np.asarray(peak[rows - top, cols - left], np.float32)


def _join(
    color: NDArray[np.float32],
    backdrop: NDArray[np.float32],
    peak: NDArray[np.float32],
    pairs: tuple[NDArray[np.intp], NDArray[np.intp]],
) -> NDArray[np.int32]:
    """Number pixels by the stroke they belong to, int32 (n,)."""
    one, other = pairs
    steps = ((color + _COLOR_STEP // 2) // _COLOR_STEP).astype(np.int32)
    code = steps[:, 0] * 64 + steps[:, 1] * 8 + steps[:, 2]
    contrast = color - backdrop
    size = np.linalg.norm(contrast, axis=1)
    cosine = (contrast[one] * contrast[other]).sum(axis=1) / np.maximum(
        size[one] * size[other], 1e-3
    )
    apart = np.linalg.norm(backdrop[one] - backdrop[other], axis=1)
    low, high = np.minimum(peak[one], peak[other]), np.maximum(peak[one], peak[other])
    same_paint = (
        (cosine > _MIN_DIRECTION_COSINE)
        & (apart < _MAX_BACKGROUND_DIFFERENCE)
        & (low >= _MIN_COVERAGE_RATIO * high)
    )
    smooth = np.linalg.norm(color[one] - color[other], axis=1) < _MAX_COLOR_STEP
    sure = (code[one] == code[other]) | (same_paint & smooth)
    parts = _connected(one[sure], other[sure], len(color))
    # What is left: pieces that could be of one paint. Pieces of a hairline, covered more and less,
    # lie against each other all along; strokes that cross meet at one place.
    one, other = parts[one[same_paint & ~sure]], parts[other[same_paint & ~sure]]
    pair = np.stack([np.minimum(one, other), np.maximum(one, other)])[:, one != other]
    pair, contacts = np.unique(pair, axis=1, return_counts=True)
    counts = np.bincount(parts)
    mean = np.bincount(parts, peak) / counts
    low, high = np.minimum(mean[pair[0]], mean[pair[1]]), np.maximum(mean[pair[0]], mean[pair[1]])
    along = contacts >= _MIN_CONTACT_SHARE * np.minimum(counts[pair[0]], counts[pair[1]])
    along &= low >= _MIN_COVERAGE_RATIO * high
    joined = _connected(pair[0][along], pair[1][along], len(counts))
    return joined[parts]


def _connected(
    one: NDArray[np.integer], other: NDArray[np.integer], size: int
) -> NDArray[np.int32]:
    """Number the connected components of a graph of `size` nodes, int32 (size,), by first node."""
    roots = component_roots(one, other, size)
    return np.asarray(np.unique(roots, return_inverse=True)[1], np.int32)


def _is_stroke(
    color8: NDArray[np.uint8], rows: NDArray[np.intp], cols: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Whether each pixel is an extremum, or at least no blend of two opposite neighbours."""
    reach = max(_REACHES_PX)
    width = color8.shape[1] + 2 * reach
    flat = packed_with_border(color8, reach)
    places = (rows + reach) * width + (cols + reach)
    stroke = np.empty(len(places), bool)
    # Few enough at a time that what is worked out for them stays in the processor's cache.
    for first in range(0, len(places), _CHUNK_PX):
        some = slice(first, first + _CHUNK_PX)
        stroke[some] = _chunk_is_stroke(flat, places[some], width)
    return stroke


def _chunk_is_stroke(
    flat: NDArray[np.uint32], places: NDArray[np.intp], width: int
) -> NDArray[np.bool_]:
    """`_is_stroke` of the packed pixels at some places of a picture with a border."""
    own = channels_of(flat.take(places))
    blend, extremum = np.zeros(len(places), bool), np.zeros(len(places), bool)
    for reach in _REACHES_PX:
        for dy, dx in _DIRECTIONS:
            step = reach * (dy * width + dx)
            ahead, behind = (
                channels_of(flat.take(places + step)),
                channels_of(flat.take(places - step)),
            )
            span, offset = _minus(ahead, behind), _minus(own, behind)
            length2, along = _dot(span, span), _dot(offset, span)
            t = along / np.maximum(length2, np.float32(1.0))
            residual = (offset[0] - t * span[0], offset[1] - t * span[1], offset[2] - t * span[2])
            length = np.sqrt(length2)
            tolerance = _LINE_TOLERANCE + _LINE_TOLERANCE_SHARE * length
            near = _dot(residual, residual) <= tolerance * tolerance
            blend |= (length >= _MIN_CONTRAST) & near & (t > 0.08) & (t < 0.92)
            # From the pixel to both sides: lengths, and the angle between.
            offset2, rest = _dot(offset, offset), _minus(own, ahead)
            one, two = np.sqrt(offset2), np.sqrt(_dot(rest, rest))
            extremum |= (
                (one > _EXTREMUM_CONTRAST)
                & (two > _EXTREMUM_CONTRAST)
                & (offset2 - along > _EXTREMUM_COSINE * one * two)
            )
    stroke: NDArray[np.bool_] = extremum | ~blend
    return stroke


def _minus(one: Channels, other: Channels) -> Channels:
    return one[0] - other[0], one[1] - other[1], one[2] - other[2]


def _dot(one: Channels, other: Channels) -> NDArray[np.float32]:
    """Sums over channels, in the order in which NumPy adds up a row of three."""
    total: NDArray[np.float32] = one[0] * other[0] + one[1] * other[1] + one[2] * other[2]
    return total
