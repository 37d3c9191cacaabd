"""One order of all flat regions, from their areas, the picture's frame, and junctions of outlines.

Each touching pair has log odds: a little from the areas that their outlines enclose, much from
T-junctions and from borders that continue behind others (`order_evidence`). A region along much of
the picture's frame is background, whatever its junctions say: figures that touch one another on a
page make junctions as if the page lay above them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..borders import settle_values
from ..layering.completion.order_evidence import order_evidence
from ..regions import FlatRegions

__all__ = ["ordered_values"]

# Log odds: per e-fold of area, of one junction and of one relatable pair of borders; at most how
# many of either count; of the background against what lies on it. Chosen on validation drawings.
_LOG_ODDS_AREA, _LOG_ODDS_JUNCTION, _LOG_ODDS_RELATED = 0.15, 2.0, 3.0
_MAX_VOTES, _LOG_ODDS_BACKGROUND = 2.0, 6.0
# Share of the picture's frame from which a region is background, and by how many e-folds of area
# its prior value is lowered.
_BACKGROUND_FRAME_SHARE, _BACKGROUND_DEPTH = 0.15, 4.0
# As in `OrderWeights`: cost of moving a region, how it grows with area, gap between a settled pair.
_STIFFNESS, _SIZE_POWER, _MARGIN = 0.02, 0.5, 0.1
# A region of less than this share of the picture has the inertia of one that has it.
_MIN_AREA_SHARE = 1e-4
# Pairs that are settled, the surest first: the time grows with the third power of their number.
_MAX_PAIRS = 256


def ordered_values(regions: FlatRegions, filled: NDArray[np.int64]) -> NDArray[np.float64]:
    """A value of each region by which they are stacked, larger = nearer, float64 (count,).

    Args:
        regions: at least one.
        filled: int64 (count,), area in pixels of each with its holes filled.
    """
    background = _background(regions)
    prior = -np.log(np.maximum(filled, 1)) - _BACKGROUND_DEPTH * background
    evidence = order_evidence(regions.labels)
    junctions, related = (
        np.clip(votes.astype(np.float64), -_MAX_VOTES, _MAX_VOTES)
        for votes in (evidence.t_junctions, evidence.relatability)
    )
    # Evidence counts for the second of a pair, log odds are of the first.
    votes = -(_LOG_ODDS_JUNCTION * junctions + _LOG_ODDS_RELATED * related)
    surest = np.argsort(-np.abs(votes), kind="stable")[:_MAX_PAIRS]
    chosen = np.sort(surest[votes[surest] != 0])
    pairs = evidence.regions[chosen]
    first, second = pairs[:, 0], pairs[:, 1]
    log_odds = votes[chosen] + _LOG_ODDS_AREA * (prior[first] - prior[second])
    log_odds += _LOG_ODDS_BACKGROUND * (background[second] - background[first])
    areas = np.maximum(regions.areas, _MIN_AREA_SHARE * regions.labels.size)
    inertia = _STIFFNESS * (areas / areas.mean()) ** _SIZE_POWER
    values = settle_values(prior, pairs, log_odds, inertia, _MARGIN)
    _lift_enclosed(values, _enclosed(regions, filled, evidence.regions))
    return values


def _background(regions: FlatRegions) -> NDArray[np.float64]:
    """1 for regions that take up much of the picture's frame, 0 for all others."""
    labels = regions.labels
    frame = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    frame_pixels = np.bincount(frame[frame >= 0], minlength=regions.count)
    return (frame_pixels >= _BACKGROUND_FRAME_SHARE * len(frame)).astype(np.float64)


def _enclosed(
    regions: FlatRegions, filled: NDArray[np.int64], with_ends: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Pairs (outer, inner), int64 (P, 2), whose border has no end; larger outer regions first.

    `with_ends` are the pairs whose border has ends, int32 (Q, 2), the smaller number first.
    """
    pairs = regions.touching[:, :2]
    open_borders = with_ends[:, 0].astype(np.int64) * regions.count + with_ends[:, 1]
    pairs = pairs[~np.isin(pairs[:, 0] * regions.count + pairs[:, 1], open_borders)]
    first_outer = filled[pairs[:, :1]] >= filled[pairs[:, 1:]]
    pairs = np.where(first_outer, pairs, pairs[:, ::-1])
    return pairs[np.argsort(-filled[pairs[:, 0]], kind="stable")]


def _lift_enclosed(values: NDArray[np.float64], enclosed: NDArray[np.int64]) -> None:
    """Raise regions above those that enclose them, in place, the outermost first."""
    for outer, inner in enclosed.tolist():
        values[inner] = max(values[inner], values[outer] + _MARGIN)
