"""Layers of painterly and photographic pictures: slices of the continuous depth."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ...io.names import counted
from ...settings import DecomposeSettings
from .partition import optimal_partition, penalised_partition

__all__ = ["bin_labels"]

_HISTOGRAM_BINS = 256
# Penalty per layer as a share of the depth's total spread, at detail 0 and 1.
_PENALTY_AT_0, _PENALTY_AT_1 = 0.03, 0.0005
# Specks of up to this side are small enough for the smaller median.
_SMALL_SPECK_PX = 4


def bin_labels(
    depth: NDArray[np.float32], opaque: NDArray[np.bool_], settings: DecomposeSettings
) -> NDArray[np.int32]:
    """Slice depth into layers, bottom = 0.

    Args:
        depth: float32 (H, W), larger = nearer.
        opaque: bool (H, W), pixels that belong to a layer at all.
        settings: `thresholds` (on depth normalised to 0..1) take precedence over `layers` and
            `binning`.

    Returns:
        int32 (H, W), -1 outside `opaque`; slices without pixels are left out of the numbering.

    Raises:
        InputError: more layers are asked for than there are distinct depths.
    """
    low, high = float(depth[opaque].min()), float(depth[opaque].max())
    normalized = (depth - low) / max(high - low, 1e-12)
    cuts = np.asarray(settings.thresholds or _cuts(normalized[opaque], settings), np.float32)
    # Smoothing the label map, not the depth, keeps edges where the depth has them.
    labels = np.searchsorted(cuts, normalized, side="right").astype(np.int32)
    labels = _despeckle(labels, settings.min_region)
    labels[~opaque] = -1
    occurring = np.unique(labels[opaque])
    table = np.full(len(cuts) + 2, -1, np.int32)
    table[occurring] = np.arange(len(occurring), dtype=np.int32)
    return table[labels]


def _cuts(values: NDArray[np.float32], settings: DecomposeSettings) -> NDArray[np.float64]:
    """Thresholds between layers, rising, in units of the normalised depth."""
    if settings.layers == 1:
        return np.zeros(0)
    if settings.binning == "uniform" and settings.layers:
        return np.linspace(0.0, 1.0, settings.layers + 1)[1:-1]
    if settings.binning == "quantile" and settings.layers:
        return np.unique(np.quantile(values, np.linspace(0, 1, settings.layers + 1)[1:-1]))
    counts, edges = np.histogram(values, _HISTOGRAM_BINS, (0.0, 1.0))
    occupied = np.flatnonzero(counts)
    centres = 0.5 * (edges[:-1] + edges[1:])[occupied]
    # The square root keeps a large background from outvoting every detail.
    weights = np.sqrt(counts[occupied].astype(np.float64))
    if settings.layers:
        if settings.layers > len(occupied):
            raise InputError(
                f"The depth has only {counted(len(occupied), 'distinct level')}, fewer than the "
                f"{settings.layers} layers asked for; ask for at most {len(occupied)}."
            )
        starts = optimal_partition(centres, weights, settings.layers)
    else:
        mean = np.average(centres, weights=weights)
        spread = float((weights * (centres - mean) ** 2).sum())
        share = _PENALTY_AT_0 * (_PENALTY_AT_1 / _PENALTY_AT_0) ** settings.detail
        starts = penalised_partition(centres, weights, max(share * spread, 1e-9))
        if len(starts) > settings.max_layers:
            starts = optimal_partition(centres, weights, settings.max_layers)
    return 0.5 * (centres[starts[1:]] + centres[starts[1:] - 1])


def _despeckle(labels: NDArray[np.int32], min_region: float) -> NDArray[np.int32]:
    """Remove specks from ordered labels by a median over 3 or 5 pixels, depending on `min_region`.

    `min_region` is in pixels of a 1024 x 1024 picture, as in the settings; 0 keeps all.
    """
    if min_region <= 0.0:
        return labels
    side_px = np.sqrt(min_region * labels.size / (1024.0 * 1024.0))
    if labels.max() > 255:
        return labels
    # A median over ordered labels is a majority that never invents a far-off layer.
    kernel_px = 3 if side_px <= _SMALL_SPECK_PX else 5
    return cv2.medianBlur(labels.astype(np.uint8), kernel_px).astype(np.int32)
