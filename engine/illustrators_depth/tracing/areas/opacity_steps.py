"""A shadow that fades, as areas of growing opacity on top of one another."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from .area import Area
from .layer_window import SOLID, Window

__all__ = ["opacity_steps"]

# A translucent layer whose alpha varies by more than this is drawn in steps of about it, at most so
# many.
_OPACITY_STEP, _MAX_OPACITY_STEPS = 0.06, 8
# Alpha is blurred by so much (standard deviation) before it is cut into steps.
_FADE_BLUR_PX = 1.5


def opacity_steps(whole: Area, window: Window) -> list[Area]:
    """One area of a layer as several on top of one another, if it is a shadow that fades."""
    if window.opacity == 1.0 or window.thin:
        return [whole]
    rows, cols = whole.field.shape
    top, left = whole.top - window.top, whole.left - window.left
    alpha = _smooth(window.rgba[top : top + rows, left : left + cols, 3], whole.mask)
    seen = window.rgba[..., 3][window.known]
    low, high = float(seen.min()), min(float(seen.max()), SOLID)
    count = min(_MAX_OPACITY_STEPS, math.ceil((high - low) / _OPACITY_STEP))
    if count < 2:
        return [whole]
    step = (high - low) / count
    steps = []
    for number in range(count):
        # Each adds what the ones below it leave to cover.
        reached, before = low + (number + 0.5) * step, low + (number - 0.5) * step
        opacity = 1.0 - (1.0 - reached) / (1.0 - before) if number else reached
        field = whole.field
        if number:
            over = (alpha - np.float32(low + number * step)) / np.float32(_OPACITY_STEP)
            field = np.where(whole.mask, np.clip(0.5 + over, 0.0, 1.0), np.float32(0.0))
        mask = field > 0.5
        if mask.any():
            contrast = whole.contrast * opacity if number else whole.contrast
            steps.append(replace(whole, field=field, mask=mask, opacity=opacity, contrast=contrast))
    return steps


def _smooth(alpha: NDArray[np.float32], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Alpha blurred within a mask: rounding to 8 bits and grain are no shapes of their own."""
    inside = mask.astype(np.float32)
    weight = cv2.GaussianBlur(inside, (0, 0), _FADE_BLUR_PX)
    return cv2.GaussianBlur(alpha * inside, (0, 0), _FADE_BLUR_PX) / np.maximum(weight, 1e-6)
