"""The easy drawing: flat ellipses on white, at any size, anti-aliased."""

from __future__ import annotations

from typing import Any

__all__ = ["ellipses"]

_MAX_SUPERSAMPLED_PIXELS = 20_000_000
"""Larger drawings are made without anti-aliasing, whose double size would fill the memory."""


def ellipses(width: int, height: int, shapes: int = 24, seed: int = 0) -> Any:
    """An Image of random ellipses, the same at every size but for its resolution."""
    import cv2
    import numpy as np

    from illustrators_depth.types import Image

    rng = np.random.default_rng(seed)
    fine = 2 if width * height <= _MAX_SUPERSAMPLED_PIXELS else 1
    canvas = np.full((fine * height, fine * width, 3), 255, np.uint8)
    span = fine * max(width, height)
    for _ in range(shapes):
        centre = (int(rng.uniform(0, fine * width)), int(rng.uniform(0, fine * height)))
        axes = (int(rng.uniform(0.05, 0.25) * span), int(rng.uniform(0.05, 0.25) * span))
        color = tuple(int(v) for v in rng.integers(0, 256, 3))
        cv2.ellipse(canvas, centre, axes, float(rng.uniform(0, 180)), 0, 360, color, -1)
    if fine > 1:
        canvas = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA)
    rgba = np.ones((height, width, 4), np.float32)
    rgba[..., :3] = canvas / np.float32(255)
    return Image(rgba, "drawing")
