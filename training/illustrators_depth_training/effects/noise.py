"""Random fields that effects are made of: soft noise in several octaves, strokes, colour ramps."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Field", "color_ramp", "fractal", "grain", "soft_noise", "strokes"]

Rng = np.random.Generator
Field = NDArray[np.float32]
_PERSISTENCE = 0.55  # amplitude of an octave over that of the one half as fine


def soft_noise(rng: Rng, shape: tuple[int, ...], cell_px: float) -> Field:
    """Smooth noise of about unit deviation whose features are `cell_px` wide: float32 (H, W)."""
    height, width = shape
    rows, columns = max(2, round(height / cell_px) + 1), max(2, round(width / cell_px) + 1)
    coarse = rng.standard_normal((rows, columns), np.float32)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def fractal(rng: Rng, shape: tuple[int, ...], cell_px: float, octaves: int = 4) -> Field:
    """Noise in octaves from `cell_px` downwards, scaled to 0..1: clouds, paint, stains."""
    total, amplitude = np.zeros(shape, np.float32), 1.0
    for octave in range(octaves):
        total += amplitude * soft_noise(rng, shape, max(cell_px / 2**octave, 1.0))
        amplitude *= _PERSISTENCE
    low, high = float(total.min()), float(total.max())
    return (total - low) / max(high - low, 1e-6)


def grain(rng: Rng, shape: tuple[int, ...], blur_px: float) -> Field:
    """Fine noise of unit deviation, softened by `blur_px`."""
    field = rng.standard_normal(shape, np.float32)
    if blur_px > 0.2:
        field = cv2.GaussianBlur(field, (0, 0), blur_px)
    return field / max(float(field.std()), 1e-6)


def strokes(rng: Rng, shape: tuple[int, ...], length_px: int, angle: float) -> Field:
    """Noise smeared along one direction, unit deviation: brush, pencil, brushed metal."""
    reach = max(2, length_px // 2)
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    step = np.array([np.cos(angle), np.sin(angle)]) * reach
    start = tuple(int(v) for v in np.round(reach - step))
    end = tuple(int(v) for v in np.round(reach + step))
    cv2.line(kernel, start, end, 1.0, 1)
    field = cv2.filter2D(rng.standard_normal(shape, np.float32), -1, kernel)
    return field / max(float(field.std()), 1e-6)


def color_ramp(field: Field, colors: NDArray[np.float32]) -> Field:
    """Colours float32 (H, W, 3) of a field 0..1, through two or more colours (N, 3) in turn."""
    steps = np.linspace(0.0, 1.0, 256) * (len(colors) - 1)
    low = np.minimum(steps.astype(int), len(colors) - 2)
    share = (steps - low)[:, None]
    table = (colors[low] * (1 - share) + colors[low + 1] * share).astype(np.float32)
    return table[(field * 255).astype(np.uint8)]
