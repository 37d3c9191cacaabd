"""A picture and its depth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..raster.tiling import strips

__all__ = ["DepthMap", "Image"]

Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False, repr=False)
class Image:
    """A picture in straight-alpha sRGB.

    Attributes:
        rgba: float32, (H, W, 4), 0..1, sRGB-encoded colour, straight (not premultiplied) alpha.
        name: what outputs are named after, without folder or suffix.
        source: where it came from (a path, or a word such as "array").
        dpi: pixels per inch along x and y, None where the source does not say.
    """

    rgba: Float32Array
    name: str = "picture"
    source: str = "array"
    dpi: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if self.rgba.ndim != 3 or self.rgba.shape[2] != 4 or self.rgba.dtype != np.float32:
            raise InputError(
                f"An Image needs float32 HxWx4, not {self.rgba.dtype} {self.rgba.shape}; "
                "use read_image to convert."
            )
        if 0 in self.rgba.shape:
            raise InputError(f"The picture {self.name!r} has no pixels.")

    @property
    def height(self) -> int:
        return int(self.rgba.shape[0])

    @property
    def width(self) -> int:
        return int(self.rgba.shape[1])

    def __repr__(self) -> str:
        return f"<Image {self.name!r}, {self.width} x {self.height}>"

    @property
    def alpha(self) -> Float32Array:
        """Coverage, float32 (H, W), 0..1."""
        return self.rgba[..., 3]

    def over(self, background: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> Float32Array:
        """The colour over a plain background, float32 (H, W, 3), sRGB 0..1 (white by default)."""
        over = np.empty((self.height, self.width, 3), np.float32)
        for rows in strips(self.height, self.width):
            part, out = self.rgba[rows], over[rows]
            alpha = np.ascontiguousarray(part[..., 3])
            rest = 1.0 - alpha
            for channel, page in enumerate(background):
                np.multiply(part[..., channel], alpha, out=out[..., channel])
                out[..., channel] += rest * np.float32(page)
        return over


@dataclass(frozen=True, eq=False, repr=False)
class DepthMap:
    """An illustrator's depth: a continuous layer index for every pixel.

    Attributes:
        values: float32, (H, W), finite, **larger = nearer the viewer**. Only the order and the
            relative spacing carry meaning; the unit is "layers", the offset is arbitrary.
        predictor: the predictor's name ("compact", "heuristic", "precomputed", ...).
        device: where it ran ("cpu", "cuda:0", "none").
        confidence: float32, (H, W), 0..1: how clearly the picture supports each pixel's place in
            the order, or None where the predictor does not say.
    """

    values: Float32Array
    predictor: str = "precomputed"
    device: str = "none"
    confidence: Float32Array | None = None

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.dtype != np.float32 or self.values.size == 0:
            raise InputError(
                f"A depth map needs float32 HxW, not {self.values.dtype} {self.values.shape}."
            )
        if not np.isfinite(self.values).all():
            raise InputError("The depth map holds NaN or infinite values; repair it first.")
        if self.confidence is not None and self.confidence.shape != self.values.shape:
            raise InputError("A depth map's confidence must be of the map's size.")

    @property
    def shape(self) -> tuple[int, int]:
        return int(self.values.shape[0]), int(self.values.shape[1])

    def __repr__(self) -> str:
        height, width = self.shape
        return f"<DepthMap {width} x {height}, {self.predictor} on {self.device}>"

    def normalized(self) -> Float32Array:
        """Values scaled to 0 (farthest) .. 1 (nearest), float32 (H, W); a flat map gives 0."""
        low, high = float(self.values.min()), float(self.values.max())
        if high <= low:
            return np.zeros_like(self.values)
        return ((self.values - low) / np.float32(high - low)).astype(np.float32)
