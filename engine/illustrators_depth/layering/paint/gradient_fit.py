"""Fits a gradient to the visible colours of a layer, to tell the hidden ones.

A linear gradient is fitted by a plane, a radial one by a paraboloid, each channel on its own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["fitted_gradient"]

# Pixels that a gradient is fitted to, at most and at least.
_MAX_SAMPLES, _MIN_SAMPLES = 4096, 24
# A fit explains a layer if its residual is at most this (sRGB, root mean square), and at most this
# share of the standard deviation of the layer's colour.
_MAX_RESIDUAL, _MAX_RESIDUAL_SHARE = 0.03, 0.35
# A paraboloid is taken if its residual is less than this share of the plane's.
_CURVED_RESIDUAL_SHARE = 0.6
# A gradient continues beyond the visible colours by this share of their range.
_EXTRAPOLATED_SHARE = 0.25


def fitted_gradient(
    colors: NDArray[np.float32], known: NDArray[np.bool_]
) -> NDArray[np.float32] | None:
    """Colours of the gradient that the known ones follow.

    Args:
        colors: float32 (h, w, 3), straight sRGB.
        known: bool (h, w), where the colours are given.

    Returns:
        float32 (h, w, 3), everywhere; None if no gradient explains the known colours.
    """
    rows, cols = np.nonzero(known)
    step = max(1, len(rows) // _MAX_SAMPLES)
    rows, cols = rows[::step], cols[::step]
    if len(rows) < _MIN_SAMPLES:
        return None
    height, width = known.shape
    y, x = (np.arange(side) / max(height, width) for side in (height, width))
    samples = colors[rows, cols].astype(np.float64)
    spread = float(samples.std(axis=0).max())
    coefficients, residual = _fit(_terms(x[cols], y[rows], 3), samples)
    curved_coefficients, curved_residual = _fit(_terms(x[cols], y[rows], 6), samples)
    if curved_residual < _CURVED_RESIDUAL_SHARE * residual:
        coefficients, residual = curved_coefficients, curved_residual
    if residual > min(_MAX_RESIDUAL, _MAX_RESIDUAL_SHARE * spread):
        return None
    low, high = samples.min(axis=0), samples.max(axis=0)
    reach = _EXTRAPOLATED_SHARE * (high - low)
    low, high = np.maximum(low - reach, 0.0), np.minimum(high + reach, 1.0)
    field = np.empty((height, width, 3), np.float32)
    for channel, channel_coefficients in enumerate(coefficients.T):
        constant, along_x, along_y, curved_x, twisted, curved_y = np.append(
            channel_coefficients, np.zeros(6)
        )[:6]
        of_column = constant + along_x * x + curved_x * (x * x)
        of_row = along_y * y + curved_y * (y * y)
        values = np.add.outer(of_row, of_column)
        if twisted:
            values += np.multiply.outer(twisted * y, x)
        field[..., channel] = np.clip(values, low[channel], high[channel], out=values)
    return field


def _terms(x: NDArray[np.float64], y: NDArray[np.float64], count: int) -> list[NDArray[np.float64]]:
    """The first `count` terms of a paraboloid: 3 are a plane, 6 all of it."""
    return [np.ones(len(x)), x, y, x * x, x * y, y * y][:count]


def _fit(
    terms: list[NDArray[np.float64]], samples: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Coefficients (terms, 3) of least squares, and the largest root mean square of a channel."""
    matrix = np.stack(terms, axis=1)
    # Normal equations, slightly damped: the samples may all lie on one line.
    square = matrix.T @ matrix + 1e-9 * len(matrix) * np.eye(len(terms))
    coefficients = np.linalg.solve(square, matrix.T @ samples)
    residuals = samples - matrix @ coefficients
    return coefficients, float(np.sqrt((residuals * residuals).mean(axis=0).max()))
