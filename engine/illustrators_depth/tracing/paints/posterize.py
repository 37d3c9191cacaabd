"""Photographic areas as a few tones: what no single colour or gradient can show."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...raster.tiling import nonzero_places
from ...raster.window import mask_window
from .paint import fit_paint

__all__ = ["split_tones"]

# Regions that their best paint misses by more than this (sRGB, RMS) are cut into tones ...
_MAX_PAINT_RMS = 0.035
# ... about this far apart.
_TONE_STEP = 0.03
_MIN_TONES, _MAX_TONES = 3, 12
# Smallest region worth cutting, in pixels of a 1024x1024 picture.
_MIN_AREA = 400.0
_MAX_SAMPLES = 4096
# Tones are smoothed over squares of so many pixels a side.
_MEDIAN_SIDE = 5


def split_tones(
    regions: NDArray[np.int32],
    visible: NDArray[np.bool_],
    rgb: NDArray[np.float32],
    scale: float,
) -> NDArray[np.int32]:
    """Cut regions of strongly varying colour into tones.

    Args:
        regions: int32 (h, w), -1 outside the layer.
        visible: bool (h, w), where the layer is seen: only there its colours are looked at.
        rgb: float32 (h, w, 3).
        scale: the picture's pixels over 1024x1024.

    Returns:
        int32 (h, w), as `regions` with further numbers for the tones.
    """
    sizes = np.bincount(regions[regions >= 0])
    large = np.flatnonzero(sizes >= _MIN_AREA * scale)
    result = regions
    smooth: NDArray[np.float32] | None = None
    following = len(sizes)
    seen, begin, counts = _grouped(regions, visible, len(sizes))
    for region in large:
        pixels = seen[begin[region] : begin[region] + counts[region]]
        if len(pixels) == 0:
            continue
        step = max(1, len(pixels) // _MAX_SAMPLES)
        some = np.divmod(pixels[::step], regions.shape[1])
        colors = rgb[some]
        # No paint misses by more than one flat colour does, and that is soon known.
        if float(np.sqrt(((colors - colors.mean(axis=0)) ** 2).mean())) < _MAX_PAINT_RMS:
            continue
        _, rest = fit_paint(some[1] + 0.5, some[0] + 0.5, colors, gradients=True)
        if rest < _MAX_PAINT_RMS:
            continue
        if smooth is None:
            # Grain and brush strokes must not decide the tone of single pixels.
            smooth = cv2.GaussianBlur(rgb, (0, 0), 1.0 + np.sqrt(scale))
            result = regions.copy()
        count = int(np.clip(round(rest / _TONE_STEP) * 3, _MIN_TONES, _MAX_TONES))
        tones = _tones(smooth, regions == region, np.ascontiguousarray(smooth[some]), count)
        result[tones > 0] = following + tones[tones > 0] - 1
        following += count - 1
    return result


def _grouped(
    regions: NDArray[np.int32], visible: NDArray[np.bool_], count: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Flat indices of the seen pixels, region by region; where each region's begin; how many."""
    seen = np.flatnonzero(visible & (regions >= 0))
    own = regions.ravel()[seen]
    # Small numbers are sorted by counting, in a fraction of the time.
    order = np.argsort(own.astype(np.uint16) if count < 1 << 16 else own, kind="stable")
    counts = np.bincount(own, minlength=count)
    return seen[order], np.cumsum(counts) - counts, counts


def _tones(
    rgb: NDArray[np.float32], inside: NDArray[np.bool_], sample: NDArray[np.float32], count: int
) -> NDArray[np.int32]:
    """Tone of every pixel of a region, 0..count-1; 0 elsewhere."""
    cv2.setRNGSeed(0)  # the same picture gives the same tones
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 1e-4)
    count = min(count, len(sample))
    empty = np.zeros((len(sample), 1), np.int32)
    _, _, centres = cv2.kmeans(sample, count, empty, criteria, 1, cv2.KMEANS_PP_CENTERS)
    # The nearest tone: |p - c|^2 less |p|^2, which is the same for all tones.
    box = mask_window(inside, margin=_MEDIAN_SIDE // 2)
    rows, cols = nonzero_places(inside[box])
    nearness = (centres**2).sum(axis=1) - 2.0 * (rgb[box][rows, cols] @ centres.T)
    tones = np.zeros(inside[box].shape, np.uint8)
    tones[rows, cols] = nearness.argmin(axis=1)
    smooth = cv2.medianBlur(tones, _MEDIAN_SIDE)
    result = np.zeros(inside.shape, np.int32)
    np.copyto(result[box], smooth, where=inside[box])
    return result
