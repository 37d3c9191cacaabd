"""From a network's dense map and region values to depth at the picture's size.

A network that sees a reduced picture gives blurred depth: values drift inside one region and bleed
over edges. An artist's layers do neither. So the picture is segmented at its own size and every
region takes one value. Only regions in which the network clearly sees several levels (a painterly
gradient, two layers that segmentation joined) keep their variation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..borders import BorderCrops, border_picture, refine_values
from ..raster.tiling import strips
from ..regions import FlatRegions, flat_regions, region_medians
from ..regions.region_inputs import RegionInputs, region_inputs
from ..types import Image
from .working_size import Fitted, fit_picture

__all__ = ["Prepared", "compose_depth", "prepare"]

# Mean deviation inside a region, as a share of the whole map's, from which a region's variation is
# kept in part, and in full.
_UNIFORM_DEVIATION, _VARIED_DEVIATION = 2.0, 4.0
# Even a uniform region keeps this share of its variation: too little to see, but strokes and
# gradients that segmentation joined to it keep their order (docs/training-log.md).
_MIN_KEPT_SHARE = 0.02
# Pixels worked on at a time: their arrays stay in the processor's cache.
_BLOCK_PX = 1 << 20
# Regions are described at up to so many times the working size, so that the pearls of a necklace
# and the spots of a shirt are regions too; and at most so many of them, of at least so many pixels
# of the working size (docs/training-log.md, "Small regions").
_MAX_DETAIL_SCALE, _MAX_REGIONS, _MIN_REGION_PX = 3, 384, 0.5
# The network has learned to see through texture that is this high, as a share of the picture's
# values, or lower; it is shown pictures without what is higher.
_MAX_SEEN_TEXTURE = 0.12


@dataclass(frozen=True)
class Prepared:
    """A picture ready for the network.

    Attributes:
        image: the picture itself, or what is left of it without strong canvas over it.
        fitted: the picture at the working size.
        segments: its flat-colour regions at its own size.
        labels: int32 (h, w), the regions at the working size, -1 in the padding.
        inputs: what the region stage needs, or None when the picture has too few regions for it.
    """

    image: Image
    fitted: Fitted
    segments: FlatRegions
    labels: NDArray[np.int32]
    inputs: RegionInputs | None


def prepare(image: Image, longest: int, stride: int, sees_canvas: bool = False) -> Prepared:
    """Resize a picture, segment it, and describe its regions.

    Args:
        image: the picture.
        longest: its longest side at the working size, pixels.
        stride: both sides of the working size are padded to a multiple of this.
        sees_canvas: whether the network is shown strong canvas too, as one without a region stage
            is; else it is taken off.
    """
    segments = flat_regions(image.rgba)
    if not sees_canvas and segments.untextured is not None and segments.texture > _MAX_SEEN_TEXTURE:
        image = replace(image, rgba=_opaque(segments.untextured))
    fitted = _fit_over_white(image, longest, stride)
    working_side = max(fitted.inner)
    detail_scale = min(_MAX_DETAIL_SCALE, -(-max(segments.labels.shape) // working_side))
    described = region_inputs(
        fitted.rgb.transpose(1, 2, 0),
        _labels_at(segments, fitted, detail_scale),
        _MAX_REGIONS,
        _MIN_REGION_PX,
    )
    inputs = described if len(described.number) >= 2 else None
    return Prepared(image, fitted, segments, _labels_at(segments, fitted, 1), inputs)


def _labels_at(segments: FlatRegions, fitted: Fitted, detail_scale: int) -> NDArray[np.int32]:
    """Region numbers at `detail_scale` times the working size, int32 (h, w), -1 in the padding."""
    height, width = fitted.rgb.shape[1:]
    rows, columns = (detail_scale * side for side in fitted.inner)
    labels = np.full((detail_scale * height, detail_scale * width), -1, np.int32)
    labels[:rows, :columns] = cv2.resize(
        segments.labels, (columns, rows), interpolation=cv2.INTER_NEAREST
    )
    return labels


def _opaque(color8: NDArray[np.uint8]) -> NDArray[np.float32]:
    rgba = cv2.cvtColor(color8, cv2.COLOR_RGB2RGBA)
    return np.multiply(rgba, np.float32(1 / 255), dtype=np.float32)


def _fit_over_white(image: Image, longest: int, stride: int) -> Fitted:
    """`fit_picture` of the picture over white; opaque pictures, which most are, are not copied."""
    if float(cv2.extractChannel(image.rgba, 3).min()) < 1.0:
        return fit_picture(image.over(), longest, stride)
    fitted = fit_picture(image.rgba, longest, stride)
    return replace(fitted, rgb=fitted.rgb[:3])


AskBorders = Callable[[BorderCrops], NDArray[np.float32]]


def compose_depth(
    prepared: Prepared,
    depth: NDArray[np.float32],
    values: NDArray[np.float32] | None,
    ask: AskBorders | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """Depth at the picture's own size, and the confidence in its order.

    Args:
        prepared: from `prepare`.
        depth: the network's dense map (h, w) at the working size.
        values: float32 (R,), depth of each region in `prepared.inputs`; None takes the median of
            `depth` in each region.
        ask: the border network, which corrects the regions' order; None leaves it as it is.

    Returns:
        Depth, float32 (H, W), larger = nearer; and the confidence, float32 (H, W), 0..1, or None
        without a border network or `values`.
    """
    dense = prepared.fitted.restore(depth)
    if prepared.segments.count == 0:
        return dense, None
    levels = _region_levels(prepared, dense, depth, values)
    if ask is None or values is None:
        return _paint(prepared, dense, levels), None
    rgb, labels = border_picture(prepared.image, prepared.segments.labels)
    refined = refine_values(rgb, labels, levels.values, levels.spread, ask)
    confidence = np.append(refined.confidence, np.float32(0.0))[prepared.segments.labels]
    return _paint(prepared, dense, replace(levels, values=refined.values)), confidence


@dataclass(frozen=True)
class _RegionLevels:
    """The depth that each of R regions gets.

    Attributes:
        values: float32 (R,), its depth.
        centre: float32 (R,), the value of the dense map that is mapped to it.
        keep: float32 (R,), 0..1, the share of the dense map's variation inside it that is kept.
        spread: mean absolute deviation of the whole dense map.
    """

    values: NDArray[np.float32]
    centre: NDArray[np.float32]
    keep: NDArray[np.float32]
    spread: float


def _region_levels(
    prepared: Prepared,
    dense: NDArray[np.float32],
    depth: NDArray[np.float32],
    values: NDArray[np.float32] | None,
) -> _RegionLevels:
    """Levels of all regions, from `compose_depth`'s arguments and the restored dense map."""
    count = prepared.segments.count
    area = np.maximum(prepared.segments.areas, 1)
    total, deviation = np.zeros(count), np.zeros(count)
    for _, _, number, pixels in _pixels_of_regions(prepared, dense):
        total += np.bincount(number, pixels, count)
    mean = (total / area).astype(np.float32)
    for _, _, number, pixels in _pixels_of_regions(prepared, dense):
        deviation += np.bincount(number, np.abs(pixels - mean[number]), count)
    # A sparse grid of pixels is enough to estimate the spread of a large map.
    step = max(1, math.isqrt(dense.size // _BLOCK_PX))
    samples = dense[::step, ::step]
    spread = max(float(np.abs(samples - np.median(samples)).mean()), 1e-6)
    variation = (deviation / area / spread - _UNIFORM_DEVIATION) / (
        _VARIED_DEVIATION - _UNIFORM_DEVIATION
    )
    keep = np.clip(variation, _MIN_KEPT_SHARE, 1.0).astype(np.float32)
    if values is not None and prepared.inputs is not None:
        table = mean.copy()
        table[prepared.inputs.number] = values
        return _RegionLevels(table, mean, keep, spread)
    # Medians ignore values that bleed in over edges; at the working size they take hardly any time.
    medians = region_medians(depth, prepared.labels, count)
    table = np.where(np.isfinite(medians), medians, mean)
    return _RegionLevels(table, table, keep, spread)


def _paint(
    prepared: Prepared, dense: NDArray[np.float32], levels: _RegionLevels
) -> NDArray[np.float32]:
    """Depth (H, W): every region at its level, with the share of its variation that is kept."""
    out = dense.copy()
    for block, inside, number, pixels in _pixels_of_regions(prepared, dense):
        result = levels.values[number] + levels.keep[number] * (pixels - levels.centre[number])
        block_depth = out[block]
        block_depth[inside] = result.reshape(block_depth[inside].shape)
    return out


def _pixels_of_regions(
    prepared: Prepared, dense: NDArray[np.float32]
) -> Iterator[tuple[slice, Any, NDArray[np.intp], NDArray[np.float32]]]:
    """By blocks of rows: the rows, which pixels lie in a region, their regions and values."""
    labels = prepared.segments.labels
    everywhere = int(labels.min()) >= 0
    for block in strips(dense.shape[0], dense.shape[1], _BLOCK_PX):
        inside = ... if everywhere else labels[block] >= 0
        number = labels[block][inside].astype(np.intp).ravel()
        yield block, inside, number, dense[block][inside].ravel()
