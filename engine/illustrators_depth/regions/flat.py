"""Segments a picture into connected regions of one flat (or smoothly shaded) colour.

Texture that lies over the whole picture is taken off first. Then four steps: *cores*, pixels whose
neighbourhood hardly varies, connect into regions; *thin strokes*, strokes that have no core, become
regions of their own; anti-aliased pixels between them join whichever neighbour their colour is
nearest to, so that no sliver region is left; regions too small to matter are absorbed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from ..raster.tiling import strips
from ..types import Image
from .absorb import RegionTable, absorb_blends, absorb_small, measure, merge_alike
from .absorb_ringing import absorb_ringing, ringing_sums
from .faint_edges import split_at_faint_edges
from .grow import grow
from .opacity import opaque_mask, soft_mask
from .region_cache import cached_segmentation
from .ringing import Ringing, measure_ringing, remove_ringing
from .statistics import adjacency, runs_of
from .texture import overlaid_texture, remove_texture
from .thin_strokes import find_thin_strokes

__all__ = ["FlatRegions", "eight_bit_regions", "flat_regions"]

# Range of 8-bit values inside a 3x3 window that still counts as flat in a noiseless picture.
_CLEAN_RANGE = 4
_NOISY_RANGE = 24
# What counts as flat among ripples, in 8-bit values per one of the height to be expected
# (`ringing.py`): in a region's core, and for telling flat art from photographs.
_FLAT_PER_RINGING, _FLAT_ART_PER_RINGING = 0.4, 2.0
# In a compressed drawing chroma may vary so many times as much as luma: a gradient's chroma is flat
# in each block and jumps to the next.
_CHROMA_RANGE_FACTOR = 2
# Fewer pixels than this are a corner, not a stroke; among ripples, more are needed.
_MIN_STROKE_PX, _STROKE_PER_RINGING = 6, 0.1
# Specks of ripples have up to so many pixels per 8-bit value of their height.
_SPECK_PX_PER_RINGING = 1.0
# An edge pixel this close to a core's colour (8-bit L2) is that core's, not a stroke.
_CORE_EDGE_TOLERANCE = 32.0
# Touching regions of mean colours this close (8-bit L2) are one.
_MERGE_TOLERANCE = 10.0


@dataclass(frozen=True)
class FlatRegions:
    """Connected regions of one colour; its arrays are shared between callers and cannot be written.

    Attributes:
        labels: int32 (H, W), 0..count-1, or -1 where the picture is transparent.
        colors: float32 (count, 3), sRGB 0..1: mean of each region's flat pixels, or of all where
            it is too thin to have any.
        areas: int64 (count,), pixels.
        purity: float32 (count,), share of each region's pixels that lie in a flat neighbourhood.
        core_share: share of opaque pixels that lie in a flat neighbourhood: near 1 for flat art,
            near 0 for photographs and textured scans.
        texture: height of the canvas, paper or grain that lies over the whole picture, as a share
            of its values; 0 where there is none.
        untextured: uint8 (H, W, 3), the picture over white without that texture, in which the
            regions were found; None where there is none.
    """

    labels: NDArray[np.int32]
    colors: NDArray[np.float32]
    areas: NDArray[np.int64]
    purity: NDArray[np.float32]
    core_share: float
    texture: float = 0.0
    untextured: NDArray[np.uint8] | None = None

    @property
    def count(self) -> int:
        return len(self.areas)

    @cached_property
    def touching(self) -> NDArray[np.int64]:
        """Pairs of regions that touch and the length of their border, see `adjacency`."""
        return adjacency(self.labels, self.count)


def flat_regions(rgba: NDArray[np.float32], min_region: float = 24.0) -> FlatRegions:
    """Segment a picture into flat-colour regions.

    Args:
        rgba: float32 (H, W, 4), straight alpha, sRGB 0..1.
        min_region: regions below this many pixels *of a 1024x1024 picture* (scaled by the
            picture's area, at least 4 pixels) are absorbed by a neighbour.

    Returns:
        FlatRegions; deterministic. A fully transparent picture has no regions.
    """
    alpha = cv2.extractChannel(rgba, 3)
    color8 = _over_white_u8(rgba, alpha)

    def segment() -> FlatRegions:
        regions = _segment(color8, alpha, min_region)
        for array in (
            regions.labels, regions.colors, regions.areas, regions.purity, regions.untextured
        ):  # fmt: skip
            if array is not None:
                array.flags.writeable = False
        return regions

    return cached_segmentation(rgba, (color8, alpha), min_region, segment)


def eight_bit_regions(
    color8: NDArray[np.uint8], alpha: NDArray[np.float32], min_region: float
) -> FlatRegions:
    """As `flat_regions`, of 8-bit colours over white, uint8 (H, W, 3), and alpha, float32 (H, W).

    They take a third of the memory of float pixels. What is returned is not remembered.
    """
    return _segment(color8, alpha, min_region)


def _segment(
    color8: NDArray[np.uint8], alpha: NDArray[np.float32], min_region: float
) -> FlatRegions:
    height, width = alpha.shape
    opaque, soft = opaque_mask(alpha), soft_mask(alpha)
    spread = _local_range(color8)
    untextured = None
    texture = overlaid_texture(color8, spread, opaque)
    if texture:
        color8 = untextured = remove_texture(color8, texture)
        spread = _local_range(color8)
    ringing = measure_ringing(color8, spread, opaque)
    if ringing:
        color8 = remove_ringing(color8, ringing.level)
        spread = _range_without_blocks(color8)
    core, core_share = _cores(spread, opaque, soft, ringing)

    labels = _connect_cores(core & ~soft)
    if ringing:
        sure = (labels >= 0) & (spread <= _CLEAN_RANGE + 2.0 * ringing.texture)
        labels = split_at_faint_edges(labels, color8, sure)
    if soft.any():
        shadows = _connect_cores(soft)
        labels = np.where(soft, shadows + int(labels.max()) + 1, labels).astype(np.int32)
    # Nearly pure edge pixels go to their core first, or they would look like strokes.
    grow(labels, color8, opaque, rounds=2, tolerance=_CORE_EDGE_TOLERANCE)
    count = int(labels.max()) + 1
    level = ringing.level if ringing else 0.0
    shortest = round(_MIN_STROKE_PX * (1.0 + _STROKE_PER_RINGING * level))
    stroke_labels, pure = find_thin_strokes(color8, labels, opaque & (labels < 0), shortest)
    np.copyto(labels, stroke_labels + np.int32(count), where=stroke_labels >= 0)
    grow(labels, color8, opaque, rounds=height + width)
    _label_islands(labels, opaque)

    minimum = max(4.0, min_region * height * width / float(1024 * 1024)) if min_region else 0.0
    if not opaque.any():
        no_purity = np.zeros(0, np.float32)
        return FlatRegions(
            labels, np.zeros((0, 3), np.float32), np.zeros(0, np.int64), no_purity, core_share
        )
    table = merge_alike(measure(labels, color8, core, pure), _MERGE_TOLERANCE)
    if ringing:
        table = absorb_ringing(table, ringing_sums(table, labels, ringing.local))
    table = absorb_blends(absorb_small(table, minimum), level)
    if ringing and minimum:
        table = absorb_small(table, max(minimum, _SPECK_PX_PER_RINGING * level))
    regions = _summarise(labels, table, core_share)
    return replace(regions, texture=texture, untextured=untextured)


def _over_white_u8(rgba: NDArray[np.float32], alpha: NDArray[np.float32]) -> NDArray[np.uint8]:
    opaque = float(alpha.min()) >= 1.0
    color8 = np.empty((*alpha.shape, 3), np.uint8)
    for rows in strips(*alpha.shape):
        if opaque:
            cv2.cvtColor(
                cv2.convertScaleAbs(rgba[rows], alpha=255.0), cv2.COLOR_RGBA2RGB, dst=color8[rows]
            )
        else:
            cv2.convertScaleAbs(Image(rgba[rows]).over(), dst=color8[rows], alpha=255.0)
    return color8


def _local_range(color8: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Largest channel's max - min over each 3x3 window, uint8 (H, W)."""
    kernel = np.ones((3, 3), np.uint8)
    height, width = color8.shape[:2]
    largest = np.empty((height, width), np.uint8)
    for rows in strips(height, width):
        # One row more on either side, where there is one: what a window at the strip's edge sees.
        first, last = max(0, rows.start - 1), min(height, rows.stop + 1)
        spread = cv2.morphologyEx(
            color8[first:last], cv2.MORPH_GRADIENT, kernel, borderType=cv2.BORDER_REPLICATE
        )
        red, green, blue = cv2.split(spread[rows.start - first : rows.stop - first])
        cv2.max(cv2.max(red, green), blue, dst=largest[rows])
    return largest


def _range_without_blocks(color8: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`_local_range` of a compressed drawing, in which steps of chroma alone count less."""
    luma = cv2.cvtColor(color8, cv2.COLOR_RGB2GRAY)
    luma = cv2.morphologyEx(
        luma, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_REPLICATE
    )
    return np.asarray(cv2.max(luma, _local_range(color8) // np.uint8(_CHROMA_RANGE_FACTOR)))


def _cores(
    spread: NDArray[np.uint8],
    opaque: NDArray[np.bool_],
    soft: NDArray[np.bool_],
    ringing: Ringing | None,
) -> tuple[NDArray[np.bool_], float]:
    """Pixels in flat neighbourhoods, bool (H, W), and their share of the opaque ones."""
    noise = ringing.texture if ringing else _median_range(spread, opaque)
    flat = spread <= int(np.clip(_CLEAN_RANGE + 2.0 * noise, _CLEAN_RANGE, _NOISY_RANGE))
    flat_art = flat
    if ringing:
        flat_art = flat | (spread <= _CLEAN_RANGE + _FLAT_ART_PER_RINGING * ringing.local)
        flat = flat | (spread <= _CLEAN_RANGE + _FLAT_PER_RINGING * ringing.local)
    # What changes across a soft shadow is how much of it there is: it is one region all the same.
    core = (flat & opaque & ~soft) | soft
    core_share = np.count_nonzero(core | (flat_art & opaque)) / max(1, np.count_nonzero(opaque))
    return core, core_share


def _median_range(spread: NDArray[np.uint8], opaque: NDArray[np.bool_]) -> float:
    """The picture's own noise (grain, texture): the median of its local range; 0 if it is clear."""
    return float(np.median(spread[opaque])) if opaque.any() else 0.0


def _connect_cores(core: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Connected components of core pixels, -1 elsewhere; int32 (H, W).

    Cores of different colours never touch, since the edge between them is not flat.
    """
    # 4-connectivity: two areas that meet at a corner only are two areas.
    _, labels = cv2.connectedComponents(core.view(np.uint8), connectivity=4)
    labels -= 1
    return np.asarray(labels, np.int32)


def _label_islands(labels: NDArray[np.int32], opaque: NDArray[np.bool_]) -> None:
    """Give parts with neither core nor stroke (grain on a transparent page) a region each."""
    rest = ((labels < 0) & opaque).astype(np.uint8)
    if rest.any():
        _, islands = cv2.connectedComponents(rest, connectivity=8)
        labels[rest > 0] = islands[rest > 0] + labels.max()


def _summarise(labels: NDArray[np.int32], table: RegionTable, core_share: float) -> FlatRegions:
    """Renumber without holes (in raster order of first pixel) and say what was measured."""
    # Only where the label changes can a region have its first pixel.
    run_labels = runs_of(labels)[1]
    run_regions = table.number[run_labels[run_labels >= 0]]
    used, first = np.unique(run_regions, return_index=True)
    used = used[np.argsort(first, kind="stable")]
    rank = np.full(len(table.number), -1, np.int32)
    rank[used] = np.arange(len(used), dtype=np.int32)
    # The last entry answers for label -1.
    final = np.append(rank[table.number], np.int32(-1))
    pixels, sums = table.pixels[used], table.sums[used]
    # An edge pixel is a blend with the neighbour: it counts for colour only where nothing else is.
    weights = np.array([1.0, 1e-3, 1e-6])
    total = pixels @ weights
    colors = (np.einsum("kwc,w->kc", sums, weights) / total[:, None] / 255.0).astype(np.float32)
    areas = pixels.sum(axis=1)
    purity = (pixels[:, 0] / areas).astype(np.float32)
    return FlatRegions(final[labels], colors, areas, purity, core_share)
