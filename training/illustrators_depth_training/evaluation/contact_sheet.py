"""Contact sheets: picture, truth and prediction side by side, for eyes."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["colorize", "contact_sheet"]

Row = tuple[NDArray[np.uint8], NDArray[np.generic], NDArray[np.generic]]


def colorize(values: NDArray[np.generic], by_rank: bool = False) -> NDArray[np.uint8]:
    """A map as uint8 (H, W, 3) RGB, dark = far, bright = near; `by_rank` spreads equal shares."""
    x = np.asarray(values, np.float64)
    if by_rank:
        x = np.unique(x, return_inverse=True)[1].reshape(x.shape).astype(np.float64)
    low, high = np.percentile(x, 0.5), np.percentile(x, 99.5)
    scaled = np.clip((x - low) / max(high - low, 1e-9), 0, 1)
    colored = cv2.applyColorMap((scaled * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    return np.ascontiguousarray(colored[..., ::-1])


def contact_sheet(
    rows: Sequence[Row], columns: int = 4, side: int = 160, captions: Sequence[str] = ()
) -> NDArray[np.uint8]:
    """Triplets (rgb uint8 HxWx3, index HxW, prediction HxW) as one uint8 RGB picture."""
    cells = []
    for i, (rgb, truth, prediction) in enumerate(rows):
        parts = [rgb, colorize(truth), colorize(prediction)]
        cell = np.concatenate(
            [cv2.resize(p, (side, side), interpolation=cv2.INTER_AREA) for p in parts], axis=1
        )
        cell = cv2.copyMakeBorder(cell, 0, 18 if captions else 4, 0, 4, 0, value=(128, 128, 128))
        if captions:
            place = (4, cell.shape[0] - 5)
            cv2.putText(cell, captions[i], place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 0, 0), 1)
        cells.append(cell)
    while len(cells) % columns:
        cells.append(np.full_like(cells[0], 128))
    bands = [np.concatenate(cells[i : i + columns], axis=1) for i in range(0, len(cells), columns)]
    return np.concatenate(bands, axis=0)
