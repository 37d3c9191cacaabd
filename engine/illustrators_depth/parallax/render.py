"""Frames of a camera move, drawn from the layers alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import NothingShownError
from ..types import Layer, LayerStack
from .camera import CameraPose, plane_depths

__all__ = ["ParallaxRenderer"]

Pixels = NDArray[np.uint8]

# A layer that reaches the picture's border goes on beyond it: rounding must not show a gap there.
BLEED_PX = 4


@dataclass(frozen=True)
class _Plane:
    """A layer's picture, ready to be drawn.

    Attributes:
        pixels: uint8 (h, w, 4), premultiplied.
        origin: of its upper left corner in the picture, pixels of the picture (x, y).
        pitch: pixels of the picture per pixel of `pixels`, (x, y).
        depth: distance in resting distances.
    """

    pixels: Pixels
    origin: tuple[float, float]
    pitch: tuple[float, float]
    depth: float


class ParallaxRenderer:
    """Draws a stack as a camera among its layers sees it.

    Args:
        stack: the layers; hidden ones are left out.
        size: (width, height) of the frames in pixels.
        offset: between planes, in heights of the picture.
        closest: the strongest zoom of the frames to come; textures are kept that sharp.

    Raises InputError when no layer is shown.
    """

    def __init__(
        self, stack: LayerStack, size: tuple[int, int], offset: float, closest: float = 1.0
    ) -> None:
        shown = [layer for _, layer in stack.shown()]
        if not shown:
            raise NothingShownError(stack.name)
        self.size = size
        self._picture = (stack.width, stack.height)
        self._scale = size[0] / stack.width
        aspect = stack.width / stack.height
        depths = plane_depths(len(shown), aspect, offset)
        self.farthest = depths[0]
        detail = min(1.0, self._scale * closest)
        planes = [_plane(layer, d, detail) for layer, d in zip(shown, depths, strict=True)]
        self._planes = [plane for plane in planes if plane is not None]

    def frame(self, pose: CameraPose) -> Pixels:
        """What the camera sees, uint8 (height, width, 4), premultiplied sRGB."""
        canvas = np.zeros((self.size[1], self.size[0], 4), np.uint8)
        for plane in self._planes:
            self._draw(canvas, plane, pose)
        return canvas

    def _draw(self, canvas: Pixels, plane: _Plane, pose: CameraPose) -> None:
        """Lay one plane over the canvas, touching no more of it than the plane covers."""
        scale, right, up = pose.view(plane.depth)
        width, height = self._picture
        centre = (self.size[0] / 2.0, self.size[1] / 2.0)
        # Frame pixel = gain * texture pixel + start, pixels counted from their corners.
        gain = [scale * self._scale * pitch for pitch in plane.pitch]
        start = [
            centre[0] + self._scale * (scale * (plane.origin[0] - width / 2.0) + right * width),
            centre[1] + self._scale * (scale * (plane.origin[1] - height / 2.0) - up * width),
        ]
        rows, columns = plane.pixels.shape[:2]
        left, top = max(0, math.floor(start[0])), max(0, math.floor(start[1]))
        end_x = min(self.size[0], math.ceil(start[0] + gain[0] * columns))
        end_y = min(self.size[1], math.ceil(start[1] + gain[1] * rows))
        if end_x <= left or end_y <= top:
            return
        # OpenCV counts pixels from their centers.
        to_texture = np.array(
            [
                [1.0 / gain[0], 0.0, (left + 0.5 - start[0]) / gain[0] - 0.5],
                [0.0, 1.0 / gain[1], (top + 0.5 - start[1]) / gain[1] - 0.5],
            ]
        )
        drawn = cv2.warpAffine(
            plane.pixels,
            to_texture,
            (end_x - left, end_y - top),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_CONSTANT,
        )
        background = canvas[top:end_y, left:end_x]
        transparency = 255 - cv2.extractChannel(drawn, 3)
        transparency_of_channels = cv2.merge(
            [transparency, transparency, transparency, transparency]
        )
        background[...] = cv2.add(
            drawn, cv2.multiply(background, transparency_of_channels, scale=1.0 / 255.0)
        )


def _plane(layer: Layer, depth: float, detail: float) -> _Plane | None:
    """A layer's picture, scaled down to the detail that frames can show; None where it is empty."""
    rgba = layer.rgba_crop
    if not (rgba[..., 3] > 0.0).any():
        return None
    alpha = rgba[..., 3:]
    premultiplied = np.concatenate([rgba[..., :3] * alpha, alpha], axis=2)
    top, left, bottom, right = layer.window
    frame_height, frame_width = layer.frame
    at_border = (top == 0, bottom == frame_height, left == 0, right == frame_width)
    above, below, before, after = (BLEED_PX if touches else 0 for touches in at_border)
    premultiplied = cv2.copyMakeBorder(
        premultiplied, above, below, before, after, cv2.BORDER_REPLICATE
    )
    # One empty pixel around it, so that its outline is smooth and nothing is drawn out.
    premultiplied = cv2.copyMakeBorder(
        premultiplied, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0)
    )
    origin = (left - before - 1.0, top - above - 1.0)
    rows, columns = premultiplied.shape[:2]
    size = (max(2, math.ceil(columns * detail)), max(2, math.ceil(rows * detail)))
    pitch = (columns / size[0], rows / size[1])
    if size != (columns, rows):
        premultiplied = cv2.resize(premultiplied, size, interpolation=cv2.INTER_AREA)
    pixels = np.rint(np.clip(premultiplied, 0.0, 1.0) * 255.0).astype(np.uint8)
    return _Plane(pixels, origin, pitch, depth)
