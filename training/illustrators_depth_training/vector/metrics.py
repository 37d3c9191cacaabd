"""The paper's vector metrics: a drawing made from a picture against the picture and its truth."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..evaluation.metrics import depth_metrics
from .reading import ReadSvg

__all__ = ["index_metrics", "picture_metrics"]

# Of the window and of the stabilising constants, as published, for a range of 1.
_WINDOW_RADIUS_PX, _WINDOW_SIGMA_PX = 5, 1.5
_C1, _C2 = 0.01**2, 0.03**2


def index_metrics(
    read: ReadSvg,
    index: NDArray[np.integer],
    layers: int,
    seed: int = 0,
    occlusions: NDArray[np.integer] | None = None,
) -> dict[str, float]:
    """Compare a drawing's stacking with the truth.

    Args:
        read: the drawing.
        index: integer (H, W), the true layer, 1 = bottom.
        layers: true number of visible layers N.
        seed: of the pixel pairs.
        occlusions: the pairs of layers that hide, as `depth_metrics` takes them.

    Returns:
        `order` (a tie is wrong), `order_paper` (a tie is right), `foreground_order`,
        `touching_order`, `occlusion_order`, `faultless`; `mae` and `mse` of the *raw* indices, not
        normalised; `path_error` |N - N~| / N over visible merged layers; `path_excess`
        (N~ - N) / N with its sign.
    """
    depth = depth_metrics(read.index.astype(np.float64), index, seed, occlusions=occlusions)
    off = read.index.astype(np.float64) - index
    excess = (read.layers - layers) / layers
    return {
        "order": depth.order,
        "order_paper": depth.order_paper,
        "foreground_order": depth.foreground_order,
        "touching_order": depth.touching_order,
        "occlusion_order": depth.occlusion_order,
        "faultless": depth.faultless,
        "mae": float(np.abs(off).mean()),
        "mse": float((off * off).mean()),
        "path_error": abs(excess),
        "path_excess": excess,
    }


def picture_metrics(drawn: NDArray[np.uint8], picture: NDArray[np.uint8]) -> dict[str, float]:
    """Compare two pictures, uint8 (H, W, 3): `rgb_mse` (RGB 0..1) and `ssim`.

    SSIM as Wang et al. 2004: Gaussian window of 11 pixels and sigma 1.5, mean over RGB.
    """
    one, other = drawn.astype(np.float64) / 255.0, picture.astype(np.float64) / 255.0
    return {"rgb_mse": float(((one - other) ** 2).mean()), "ssim": _ssim(one, other)}


def _ssim(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Mean structural similarity of pictures of range 1, away from the border."""

    # In double precision: in single, the variance of flat areas drowns in rounding.
    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        blurred = cv2.GaussianBlur(values, (2 * _WINDOW_RADIUS_PX + 1,) * 2, _WINDOW_SIGMA_PX)
        return np.asarray(
            blurred[_WINDOW_RADIUS_PX:-_WINDOW_RADIUS_PX, _WINDOW_RADIUS_PX:-_WINDOW_RADIUS_PX],
            np.float64,
        )

    a, b = mean(one), mean(other)
    variances = mean(one * one) - a * a + mean(other * other) - b * b
    covariance = mean(one * other) - a * b
    like = (2 * a * b + _C1) * (2 * covariance + _C2)
    return float((like / ((a * a + b * b + _C1) * (variances + _C2))).mean())
