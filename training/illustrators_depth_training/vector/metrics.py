"""The paper's vector metrics: a drawing made from a picture against the picture and its truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..metrics import depth_metrics
from .reading import ReadSvg

__all__ = ["index_metrics", "picture_metrics"]


def index_metrics(
    read: ReadSvg, index: NDArray[np.integer], layers: int, seed: int = 0
) -> dict[str, float]:
    """Compare a drawing's stacking with the truth.

    Args:
        read: the drawing.
        index: integer (H, W), the true layer, 1 = bottom.
        layers: true number of visible layers N.
        seed: of the pixel pairs.

    Returns:
        `order` (a tie is wrong), `order_paper` (a tie is right), `foreground_order`,
        `touching_order`; `mae` and `mse` of the *raw* indices, not normalised; `path_error`
        |N - N~| / N over visible merged layers; `path_excess` (N~ - N) / N with its sign.
    """
    depth = depth_metrics(read.index.astype(np.float64), index, seed)
    off = read.index.astype(np.float64) - index
    excess = (read.layers - layers) / layers
    return {
        "order": depth.order,
        "order_paper": depth.order_paper,
        "foreground_order": depth.foreground_order,
        "touching_order": depth.touching_order,
        "mae": float(np.abs(off).mean()),
        "mse": float((off * off).mean()),
        "path_error": abs(excess),
        "path_excess": excess,
    }


def picture_metrics(drawn: NDArray[np.uint8], picture: NDArray[np.uint8]) -> dict[str, float]:
    """Compare two pictures, uint8 (H, W, 3): `rgb_mse` (RGB 0..1) and `ssim`.

    SSIM as Wang et al. 2004: Gaussian window of 11 pixels and sigma 1.5, mean over RGB.
    """
    import torch
    from torchmetrics.functional.image import structural_similarity_index_measure

    # In single precision the variance of flat areas drowns in rounding: .9998 for equal pictures.
    one, other = (
        torch.from_numpy(np.ascontiguousarray(p)).permute(2, 0, 1)[None].double() / 255.0
        for p in (drawn, picture)
    )
    with torch.inference_mode():
        mse = float(((one - other) ** 2).mean())
        ssim = structural_similarity_index_measure(one, other, data_range=1.0)
    return {"rgb_mse": mse, "ssim": float(ssim)}  # type: ignore[arg-type]
