"""The paper's depth metrics and the stricter orders that we watch. Numpy only.

Order: the share of pixel pairs of different true layer whose predicted order is right. A tie in
the prediction is wrong in `order` (the one we quote) and right in `order_paper` (the paper's own
tool). `foreground_order` leaves out pairs with the bottom layer; `touching_order` compares the
median prediction of pairs of *layers* that share a visible boundary.

Whether one layer hides part of another is a fact; side by side, either order draws the same
picture. `occlusion_order` is of the pairs that hide, `occlusion_touching` of those among them
that share a visible boundary, `free_order` of all other pairs above the background; all compare
medians. `faultless` is 1 for a picture with all of its hiding pairs right and 0 for any other.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["DepthMetrics", "depth_metrics", "layer_medians", "normalized"]

MIN_VISIBLE_PX = 12
"""Pixels at 512 x 512: a layer that shows less is in no pair of the occlusion Order."""

_REFERENCE_PX = 512 * 512
_MIN_SPREAD = 1e-6


@dataclass(frozen=True)
class DepthMetrics:
    """Metrics of one picture; NaN where there is nothing to compare."""

    order: float
    order_paper: float
    foreground_order: float
    touching_order: float
    mae: float
    mse: float
    occlusion_order: float = float("nan")
    occlusion_touching: float = float("nan")
    free_order: float = float("nan")
    faultless: float = float("nan")

    def to_dict(self) -> dict[str, float]:
        return asdict(self)


def normalized(values: NDArray[Any]) -> NDArray[np.float64]:
    """(values - median) / mean absolute deviation from the median."""
    x = np.asarray(values, np.float64)
    median = np.median(x)
    return (x - median) / max(float(np.abs(x - median).mean()), _MIN_SPREAD)


def depth_metrics(
    prediction: NDArray[np.floating],
    index: NDArray[np.integer],
    seed: int = 0,
    pairs: int = 0,
    occlusions: NDArray[np.integer] | None = None,
) -> DepthMetrics:
    """Compare a predicted map with the true layer index.

    Args:
        prediction: float (H, W), larger = nearer.
        index: integer (H, W), 1 = background ... N = top.
        seed: of the pixel pairs, so that a number can be repeated.
        pairs: pixel pairs to draw; 0 draws H*W/50 as the paper does.
        occlusions: integer (P, 4), the pairs that hide: lower index, upper index, pixels hidden,
            visible border; None where the set does not say (their metrics are NaN then).
    """
    if prediction.shape != index.shape:
        raise ValueError(f"prediction {prediction.shape} and index {index.shape} differ in shape")
    rng = np.random.default_rng(seed)
    flat, truth = np.asarray(prediction, np.float64).ravel(), index.ravel().astype(np.int64)
    pixel_pairs = rng.integers(0, truth.size, (2, pairs or max(truth.size // 50, 1)))
    order = _preserved(flat, truth, pixel_pairs, ties=0.0)
    order_paper = _preserved(flat, truth, pixel_pairs, ties=1.0)
    inside = np.flatnonzero(truth > truth.min())
    foreground = np.nan
    if inside.size > 1:
        pixel_pairs = inside[rng.integers(0, inside.size, pixel_pairs.shape)]
        foreground = _preserved(flat, truth, pixel_pairs, ties=0.0)
    difference = normalized(prediction) - normalized(index)
    return DepthMetrics(
        order=order,
        order_paper=order_paper,
        foreground_order=foreground,
        touching_order=_touching(flat.reshape(index.shape), index),
        mae=float(np.abs(difference).mean()),
        mse=float((difference**2).mean()),
        **({} if occlusions is None else _occlusion_metrics(prediction, index, occlusions)),
    )


def _occlusion_metrics(
    prediction: NDArray[np.floating],
    index: NDArray[np.integer],
    occlusions: NDArray[np.integer],
) -> dict[str, float]:
    layers, medians = layer_medians(prediction, index)
    areas = np.unique(index, return_counts=True)[1]
    shown = areas >= MIN_VISIBLE_PX * index.size / _REFERENCE_PX
    place = {int(layer): at for at, layer in enumerate(layers) if shown[at]}
    visible_rows = [row for row in occlusions.tolist() if row[0] in place and row[1] in place]
    pairs = np.array([(place[row[0]], place[row[1]]) for row in visible_rows], np.int64).reshape(
        -1, 2
    )
    touch = np.array([row[3] > 0 for row in visible_rows], bool)
    right = medians[pairs[:, 1]] > medians[pairs[:, 0]]
    return {
        "occlusion_order": _share(right),
        "occlusion_touching": _share(right[touch]),
        "free_order": _share(_free_pairs_right(medians, shown & (layers > index.min()), pairs)),
        "faultless": float(right.all()) if right.size else float("nan"),
    }


def _free_pairs_right(
    medians: NDArray[np.float64], counted: NDArray[np.bool_], hiding: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether each pair of counted layers that do not hide one another is in the drawn order."""
    free = np.triu(counted[:, None] & counted[None, :], 1)
    free[hiding[:, 0], hiding[:, 1]] = False
    low, high = np.nonzero(free)
    return np.asarray(medians[high] > medians[low])


def _share(right: NDArray[np.bool_]) -> float:
    return float(right.mean()) if right.size else float("nan")


def _preserved(
    flat: NDArray[np.float64], truth: NDArray[np.int64], pixel_pairs: NDArray[np.int64], ties: float
) -> float:
    true_sign = np.sign(truth[pixel_pairs[0]] - truth[pixel_pairs[1]])
    differ = true_sign != 0
    if not differ.any():
        return float("nan")
    predicted_sign = np.sign(flat[pixel_pairs[0][differ]] - flat[pixel_pairs[1][differ]])
    right = (predicted_sign == true_sign[differ]).mean() + ties * (predicted_sign == 0).mean()
    return float(right)


def _touching(prediction: NDArray[np.float64], index: NDArray[np.integer]) -> float:
    """Share of touching layer pairs whose median predictions are in the right order."""
    layers, dense = np.unique(index, return_inverse=True)
    dense = dense.reshape(index.shape)
    count = len(layers)
    if count < 2:
        return float("nan")
    touch = np.zeros((count, count), bool)
    touch[dense[:, 1:], dense[:, :-1]] = True
    touch[dense[1:], dense[:-1]] = True
    touch |= touch.T
    medians = layer_medians(prediction, index)[1]
    low, high = np.nonzero(np.triu(touch, 1))
    return float((medians[high] > medians[low]).mean())


def layer_medians(
    prediction: NDArray[np.floating], index: NDArray[np.integer]
) -> tuple[NDArray[np.integer], NDArray[np.float64]]:
    """The layers that occur, rising, and the median prediction of each."""
    layers, dense, areas = np.unique(index, return_inverse=True, return_counts=True)
    by_layer = np.argsort(dense.ravel(), kind="stable")
    parts = np.split(prediction.ravel()[by_layer], np.cumsum(areas)[:-1])
    return layers, np.array([np.median(part) for part in parts], np.float64)
