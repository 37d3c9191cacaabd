"""Augmentation of a drawing and its truth: geometry first, then colour, then the camera.

The paper's colour jitter, inversion and blur, plus crops, turns and, if wanted, flips. Truth is
resampled by nearest neighbour and renumbered, so that it stays 1 = bottom ... N = top of what is
visible.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..checked_settings import chance, limited

__all__ = ["Augmentation", "jitter_colors", "place", "renumber", "soften"]

Rng = np.random.Generator
Rgb = NDArray[np.uint8]
Index = NDArray[np.int32]


@dataclass(frozen=True)
class Augmentation:
    """Ranges and chances.

    Attributes:
        scale: smallest and largest size of the drawing relative to the frame.
        turn: largest rotation in degrees.
        shift: largest displacement as a share of the frame.
        flip, invert, blur, permute, jitter, grain, jpeg: chances. No flips by default: which of
            two siblings was drawn first is often a matter of left and right, and a network that
            sees every drawing both ways cannot learn it.
    """

    scale: tuple[float, float] = limited((0.75, 1.3), 1e-3, 1e3)
    turn: float = limited(12.0, 0)
    shift: float = limited(0.12, 0)
    flip: float = chance(0.0)
    invert: float = chance(0.1)
    blur: float = chance(0.15)
    permute: float = chance(0.1)
    jitter: float = chance(0.85)
    grain: float = chance(0.06)
    jpeg: float = chance(0.06)


def renumber(index: Index) -> Index:
    """The same order with consecutive numbers from 1."""
    present = np.bincount(index.ravel()) > 0
    return np.cumsum(present).astype(np.int32)[index]


def place(rng: Rng, rgb: Rgb, index: Index, size: int, a: Augmentation) -> tuple[Rgb, Index]:
    """Scale, turn, shift and flip a drawing into a frame of size x size."""
    height, width = index.shape
    scale = size / max(height, width) * float(np.exp(rng.uniform(*np.log(a.scale))))
    angle = rng.uniform(-a.turn, a.turn) if rng.random() < 0.5 else 0.0
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, scale)
    matrix[:, 2] += size / 2 - np.array([width, height]) / 2
    matrix[:, 2] += rng.uniform(-a.shift, a.shift, 2) * size
    if rng.random() < a.flip:
        matrix[0] *= -1
        matrix[0, 2] += size - 1
    # Beyond a drawing on a page there is more page; beyond a full-bleed one, repeat its border.
    page = index[0, 0] == index[-1, 0] == index[0, -1] == index[-1, -1]
    border = cv2.BORDER_CONSTANT if page else cv2.BORDER_REPLICATE
    fill = tuple(int(v) for v in rgb[0, 0])
    if scale < 0.75:  # bilinear sampling alone would skip pixels
        sigma = 0.35 / scale
        rgb = cv2.GaussianBlur(rgb, (0, 0), sigma)
    out = cv2.warpAffine(
        rgb, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=border, borderValue=fill
    )
    truth = cv2.warpAffine(
        index.astype(np.float32),
        matrix,
        (size, size),
        flags=cv2.INTER_NEAREST,
        borderMode=border,
        borderValue=(float(index[0, 0]),),
    )
    return np.asarray(out, np.uint8), truth.astype(np.int32)


def jitter_colors(rng: Rng, rgb: Rgb, a: Augmentation) -> Rgb:
    """Hue, saturation, brightness, contrast, channel order, inversion: one affine map of RGB."""
    if rng.random() >= a.jitter:
        matrix = np.eye(3)
        offset = np.zeros(3)
    else:
        hue = rng.normal(0.0, 0.5) if rng.random() < 0.6 else 0.0
        saturation = float(np.exp(rng.normal(0.0, 0.25)))
        contrast = float(np.exp(rng.normal(0.0, 0.12)))
        gray = np.full((3, 3), 1 / 3)
        c, s = np.cos(hue), np.sin(hue)
        axis = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]]) / np.sqrt(3)
        turn = c * np.eye(3) + s * axis + (1 - c) * gray
        matrix = contrast * (gray + saturation * (turn - gray))
        # The page stays near white: contrast acts around it rather than around mid-grey.
        offset = 255.0 * (1 - contrast) + rng.normal(0.0, 8.0) * np.ones(3)
    if rng.random() < a.permute:
        matrix = matrix[rng.permutation(3)]
    if rng.random() < a.invert:
        matrix, offset = -matrix, 255.0 - offset
    out = cv2.transform(rgb, np.concatenate([matrix, offset[:, None]], axis=1))
    return np.asarray(out, np.uint8)


def soften(rng: Rng, rgb: Rgb, a: Augmentation) -> Rgb:
    """Blur, grain or JPEG now and then: what happens to pictures on their way to us."""
    if rng.random() < a.blur:
        return np.asarray(cv2.GaussianBlur(rgb, (0, 0), float(rng.uniform(0.4, 1.3))), np.uint8)
    kind = rng.random()
    if kind < a.grain:
        grain = rng.normal(0.0, rng.uniform(2.0, 8.0), rgb.shape)
        return np.clip(rgb + grain, 0, 255).astype(np.uint8)
    if kind < a.grain + a.jpeg:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 90))]
        return np.asarray(cv2.imdecode(cv2.imencode(".jpg", rgb, quality)[1], 1), np.uint8)
    return rgb
