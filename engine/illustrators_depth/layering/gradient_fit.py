"""A gradient as a formula: colours that are seen, fitted over their places, tell the hidden ones.

A linear gradient is fitted by a plane, a radial one by a paraboloid: each channel on its own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["fitted_gradient"]

# Places that are enough to know a gradient by, and too few to.
_MAX_PLACES, _MIN_PLACES = 4096, 24
# A fit explains a layer if this much is left over (sRGB, root mean square), and this share of how
# much the layer varies.
_MAX_REST, _MAX_REST_SHARE = 0.03, 0.35
# A paraboloid has to leave so much less over than a plane.
_CURVED_REST_SHARE = 0.6
# Beyond the colours that are seen a gradient goes on by this share of their range.
_BEYOND_SHARE = 0.25


def fitted_gradient(
    colors: NDArray[np.float32], known: NDArray[np.bool_]
) -> NDArray[np.float32] | None:
    """Colours of the gradient that the known ones follow.

    Args:
        colors: float32 (h, w, 3), straight sRGB.
        known: bool (h, w).

    Returns:
        float32 (h, w, 3), everywhere; None if no gradient explains the known colours.
    """
    rows, cols = np.nonzero(known)
    step = max(1, len(rows) // _MAX_PLACES)
    rows, cols = rows[::step], cols[::step]
    if len(rows) < _MIN_PLACES:
        return None
    height, width = known.shape
    y, x = (np.arange(side) / max(height, width) for side in (height, width))
    samples = colors[rows, cols].astype(np.float64)
    spread = float(samples.std(axis=0).max())
    plane, plane_rest = _fit(_terms(x[cols], y[rows], 3), samples)
    curved, curved_rest = _fit(_terms(x[cols], y[rows], 6), samples)
    if curved_rest < _CURVED_REST_SHARE * plane_rest:
        plane, plane_rest = curved, curved_rest
    if plane_rest > min(_MAX_REST, _MAX_REST_SHARE * spread):
        return None
    low, high = samples.min(axis=0), samples.max(axis=0)
    reach = _BEYOND_SHARE * (high - low)
    low, high = np.maximum(low - reach, 0.0), np.minimum(high + reach, 1.0)
    field = np.empty((height, width, 3), np.float32)
    for channel, weights in enumerate(plane.T):
        one, along_x, along_y, curved_x, twisted, curved_y = np.append(weights, np.zeros(6))[:6]
        across = one + along_x * x + curved_x * (x * x)
        down = along_y * y + curved_y * (y * y)
        whole = np.add.outer(down, across)
        if twisted:
            whole += np.multiply.outer(twisted * y, x)
        field[..., channel] = np.clip(whole, low[channel], high[channel], out=whole)
    return field


def _terms(x: NDArray[np.float64], y: NDArray[np.float64], count: int) -> list[NDArray[np.float64]]:
    return [np.ones(len(x)), x, y, x * x, x * y, y * y][:count]


def _fit(
    terms: list[NDArray[np.float64]], samples: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Weights (terms, 3) of least squares, and the greatest channel's root mean square rest."""
    matrix = np.stack(terms, axis=1)
    # Normal equations, a little damped: places may all lie in one line.
    square = matrix.T @ matrix + 1e-9 * len(matrix) * np.eye(len(terms))
    weights = np.linalg.solve(square, matrix.T @ samples)
    rest = samples - matrix @ weights
    return weights, float(np.sqrt((rest * rest).mean(axis=0).max()))
