"""From a network's dense map and region values to depth at the picture's size.

A network that sees the picture small answers softly: values drift inside one region and bleed over
edges. An artist's layer does neither. The picture is segmented at its own size, every region takes
one value, and only regions in which the network clearly sees several levels (a painterly gradient,
two layers that segmentation joined) keep their variation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..networks.region_inputs import RegionInputs, region_inputs
from ..regions import FlatRegions, flat_regions, region_medians
from ..tiling import strips
from ..types import Image
from .working_size import Fitted, fit_picture

__all__ = ["Prepared", "compose_depth", "prepare"]

# Mean deviation inside a region, as a share of the whole map's, from which a region's variation is
# kept in part, and in full.
_COHERENT, _INCOHERENT = 2.0, 4.0
# Even a coherent region keeps this share of its variation: too little to see, but strokes and
# gradients that segmentation joined to it keep their order (docs/training-log.md).
_TRACE = 0.02
# Pixels worked on at a time: what they need stays in the processor's cache.
_BLOCK = 1 << 20
# Regions are described at up to so many times the working size, so that the pearls of a necklace
# and the spots of a shirt are regions too; and at most so many of them, of at least so many pixels
# of the working size (docs/training-log.md, "Small regions").
_FINER, _MOST_REGIONS, _SMALLEST = 3, 384, 0.5


@dataclass(frozen=True)
class Prepared:
    """A picture ready for the network.

    Attributes:
        fitted: the picture at the working size.
        segments: its flat-colour regions at its own size.
        labels: int32 (h, w), the regions at the working size, -1 in the padding.
        inputs: what the region stage needs, or None when the picture has too few regions for it.
    """

    fitted: Fitted
    segments: FlatRegions
    labels: NDArray[np.int32]
    inputs: RegionInputs | None


def prepare(image: Image, longest: int, stride: int) -> Prepared:
    """Resize a picture, segment it, and describe its regions."""
    fitted = _fit_over_white(image, longest, stride)
    segments = flat_regions(image.rgba)
    working = max(fitted.inner)
    finer = min(_FINER, -(-max(segments.labels.shape) // working))
    found = region_inputs(
        fitted.rgb.transpose(1, 2, 0),
        _labels_at(segments, fitted, finer),
        _MOST_REGIONS,
        _SMALLEST,
    )
    inputs = found if len(found.number) >= 2 else None
    return Prepared(fitted, segments, _labels_at(segments, fitted, 1), inputs)


def _labels_at(segments: FlatRegions, fitted: Fitted, finer: int) -> NDArray[np.int32]:
    """Region numbers at so many times the working size, -1 in the padding."""
    height, width = fitted.rgb.shape[1:]
    rows, columns = (finer * side for side in fitted.inner)
    labels = np.full((finer * height, finer * width), -1, np.int32)
    labels[:rows, :columns] = cv2.resize(
        segments.labels, (columns, rows), interpolation=cv2.INTER_NEAREST
    )
    return labels


def _fit_over_white(image: Image, longest: int, stride: int) -> Fitted:
    """`fit_picture` of the picture over white, not copied if it is opaque, as most are."""
    if float(cv2.extractChannel(image.rgba, 3).min()) < 1.0:
        return fit_picture(image.over(), longest, stride)
    fitted = fit_picture(image.rgba, longest, stride)
    return replace(fitted, rgb=fitted.rgb[:3])


def compose_depth(
    prepared: Prepared, depth: NDArray[np.float32], values: NDArray[np.float32] | None
) -> NDArray[np.float32]:
    """Depth at the picture's own size, float32 (H, W).

    Args:
        prepared: from `prepare`.
        depth: the network's dense map (h, w) at the working size.
        values: depth of each region in `prepared.inputs`, (R,), or None for their dense medians.
    """
    dense = prepared.fitted.restore(depth)
    labels, count = prepared.segments.labels, prepared.segments.count
    if count == 0:
        return dense
    height, width = dense.shape
    blocks = list(strips(height, width, _BLOCK))
    everywhere = int(labels.min()) >= 0
    area = np.maximum(prepared.segments.areas, 1)

    def pixels_of(block: slice) -> tuple[Any, NDArray[np.intp], NDArray[np.float32]]:
        inside = ... if everywhere else labels[block] >= 0
        return inside, labels[block][inside].astype(np.intp).ravel(), dense[block][inside].ravel()

    total, deviation = np.zeros(count), np.zeros(count)
    for block in blocks:
        _, number, pixels = pixels_of(block)
        total += np.bincount(number, pixels, count)
    level = (total / area).astype(np.float32)
    for block in blocks:
        _, number, pixels = pixels_of(block)
        deviation += np.bincount(number, np.abs(pixels - level[number]), count)
    # What was a few hundred pixels wide is known from every so manieth of many.
    step = max(1, math.isqrt(dense.size // _BLOCK))
    some = dense[::step, ::step]
    spread = max(float(np.abs(some - np.median(some)).mean()), 1e-6)
    doubt = (deviation / area / spread - _COHERENT) / (_INCOHERENT - _COHERENT)
    keep = np.clip(doubt, _TRACE, 1.0).astype(np.float32)
    if values is not None and prepared.inputs is not None:
        centre, table = level, level.copy()
        table[prepared.inputs.number] = values
    else:
        # Medians do not mind what bleeds in over the edges; at the working size they cost nothing.
        medians = region_medians(depth, prepared.labels, count)
        centre = table = np.where(np.isfinite(medians), medians, level)
    out = dense.copy()
    for block in blocks:
        inside, number, pixels = pixels_of(block)
        result = table[number] + keep[number] * (pixels - centre[number])
        part = out[block]
        part[inside] = result.reshape(part[inside].shape)
    return out
