"""Which pixels of a picture belong to the drawing, and which to the clear page around it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["opaque_mask"]

# Of the most opaque pixel's alpha: where an anti-aliased outline runs.
_SHARE = 0.5


def opaque_mask(alpha: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Pixels that the drawing covers by half or more.

    Half is counted from the most opaque pixel, so that a drawing that is translucent throughout
    (a wash, a watermark) is a drawing like any other.

    Args:
        alpha: float32 (H, W), 0..1.

    Returns:
        bool (H, W); all False for a fully transparent picture.
    """
    top = float(alpha.max())
    return (alpha >= _SHARE * top) & (alpha > 0.0)
