"""The ways of continuing a layer that are compared, given which layer lies above which."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError
from illustrators_depth.layering.complete_shape import complete_shape
from illustrators_depth.layering.visibility import VisibilityIndex
from illustrators_depth.settings import CompleteSettings

from ..evaluation.metrics import layer_medians

__all__ = ["METHODS", "available_methods", "completed_mask", "ordered_labels"]

# "hull" is a yardstick of this measure; the others are the engine's.
METHODS = ("contour", "smooth", "nearest", "none", "hull")


def ordered_labels(
    index: NDArray[np.integer], prediction: NDArray[np.floating] | None = None
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """True layers as labels from the bottom up, in the true order or in a predicted one.

    Args:
        index: integer (H, W), 1 = background ... N = top.
        prediction: float (H, W), larger = nearer: layers go by its medians, a tie in the wrong
            order; None keeps the true order.

    Returns:
        int32 (H, W), 0..N-1, each occurring; and the label of every layer that occurs, by index.
    """
    layers, dense = np.unique(index, return_inverse=True)
    rank = np.arange(len(layers))
    if prediction is not None:
        medians = layer_medians(prediction, index)[1]
        rank[np.lexsort((-rank, medians))] = np.arange(len(layers))
    label_of = np.full(int(layers[-1]) + 1, -1, np.int64)
    label_of[layers] = rank
    return rank[dense].reshape(index.shape).astype(np.int32), label_of


def available_methods(asked: Sequence[str] | None = None) -> list[str]:
    """The methods asked for, or all that this engine has.

    Raises InputError when one is asked for that there is not.
    """
    if asked:
        for method in asked:
            if method not in METHODS:
                raise InputError(f"--method is one of {', '.join(METHODS)}, not {method!r}.")
            _check(method)
        return list(dict.fromkeys(asked))
    return [method for method in METHODS if _is_available(method)]


def _is_available(method: str) -> bool:
    try:
        _check(method)
    except InputError:
        return False
    return True


def _check(method: str) -> None:
    if method != "hull":
        CompleteSettings(method=method).check()


def completed_mask(visibility: VisibilityIndex, label: int, method: str) -> NDArray[np.bool_]:
    """What a layer covers once all above it are lifted off, bool (H, W).

    Raises InputError when the engine has no such method.
    """
    if method == "hull":
        return _convex_hull(visibility, label)
    whole = np.zeros(visibility.numbers.shape, bool)
    box, mask = complete_shape(visibility, label, CompleteSettings(method=method), margin=0)
    whole[box] = mask
    return whole


def _convex_hull(visibility: VisibilityIndex, label: int) -> NDArray[np.bool_]:
    visible = visibility.numbers == label + 1
    points = cv2.findNonZero(visible.view(np.uint8))
    filled = np.zeros(visible.shape, np.uint8)
    cv2.fillConvexPoly(filled, cv2.convexHull(points), 1)
    return np.asarray(visible | ((filled > 0) & (visibility.numbers > label + 1)))
