"""Makes an index map visible: one colour per layer, low layers dark blue, high layers yellow."""

from __future__ import annotations

import cv2
import numpy as np

__all__ = ["color_index", "contact_sheet"]


def color_index(index: np.ndarray) -> np.ndarray:
    """Return uint8 (H, W, 3) RGB of an index map (H, W), spread over its own range."""
    present, rank = np.unique(index, return_inverse=True)
    scale = 255.0 / max(len(present) - 1, 1)
    shades = (rank.reshape(index.shape) * scale).round().astype(np.uint8)
    return cv2.applyColorMap(shades, cv2.COLORMAP_VIRIDIS)[..., ::-1]


def contact_sheet(
    pairs: list[tuple[np.ndarray, np.ndarray]], columns: int = 8, side: int = 112
) -> np.ndarray:
    """Return one picture of many pairs, each picture beside its coloured index: RGB uint8."""
    cells = []
    for rgb, index in pairs:
        height, width = rgb.shape[:2]
        scale = side / max(height, width)
        size = (max(round(width * scale), 1), max(round(height * scale), 1))
        left = cv2.resize(np.ascontiguousarray(rgb), size, interpolation=cv2.INTER_AREA)
        right = cv2.resize(
            np.ascontiguousarray(color_index(index)), size, interpolation=cv2.INTER_NEAREST
        )
        cell = np.full((side + 4, 2 * side + 8, 3), 225, np.uint8)
        cell[2 : 2 + size[1], 2 : 2 + size[0]] = left
        cell[2 : 2 + size[1], side + 4 : side + 4 + size[0]] = right
        cells.append(cell)
    while len(cells) % columns:
        cells.append(np.full_like(cells[0], 225))
    return np.vstack([np.hstack(cells[i : i + columns]) for i in range(0, len(cells), columns)])
