"""A picture's depth in the .blend: a packed float image, for the Image Editor and for reliefs.

It is found again without inference in a reopened file, and undo brings back what was there. The
depth used last is kept in memory under a key that names its content, never under a pointer.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError
from illustrators_depth.types import DepthMap

from ..addon_data import addon_data, set_bytes
from ..scene.images.packing import encode_float, new_float, pack_file
from ..scene.images.pixels import read_pixels

__all__ = [
    "DepthStore",
    "PreparedDepth",
    "check_local",
    "depth_image",
    "has_depth",
    "prepare_depth",
]


# Custom property of a depth image: the confidence of each pixel in whole steps of 1 / 255, packed.
_CONFIDENCE = "illdepth_confidence"


@dataclass(frozen=True)
class PreparedDepth:
    """A depth on its way into the .blend: the file of its image, and what is noted beside it."""

    content: bytes
    key: str
    low: float
    high: float
    depth: DepthMap
    confidence: bytes | None


def prepare_depth(depth: DepthMap) -> PreparedDepth:
    """The costly half of `DepthStore.store`. No bpy: threads may call it."""
    unit = depth.normalized()
    low, high = float(depth.values.min()), float(depth.values.max())
    key = hashlib.blake2b(np.ascontiguousarray(depth.values).data, digest_size=16).hexdigest()
    packed = None
    if depth.confidence is not None:
        levels = np.rint(np.clip(depth.confidence, 0.0, 1.0) * np.float32(255.0)).astype(np.uint8)
        packed = zlib.compress(levels.tobytes(), 1)
    as_stored = DepthMap(
        _denormalized(unit, low, high),
        depth.predictor,
        depth.device,
        _unpack_confidence(packed, depth.shape),
    )
    return PreparedDepth(encode_float(unit), key, low, high, as_stored, packed)


class DepthStore:
    """Keeps the depth of pictures with them, and the one used last in memory."""

    def __init__(self) -> None:
        self._latest: tuple[str, DepthMap] | None = None  # with its key

    def store(self, image: bpy.types.Image, depth: DepthMap) -> bpy.types.Image:
        """Keep a picture's depth with it, and return the float image that shows it.

        The image holds the depth scaled to 0 (farthest) .. 1 (nearest); `load` scales it back,
        exact to float32 rounding.
        """
        return self.store_prepared(image, prepare_depth(depth))

    def store_prepared(self, image: bpy.types.Image, prepared: PreparedDepth) -> bpy.types.Image:
        """The quick half of `store`: keep what a thread has prepared."""
        data = addon_data(image)
        float_image: bpy.types.Image | None = None if _is_shared(image) else data.depth
        float_image = float_image or new_float(f"{image.name} depth")
        addon_data(pack_file(float_image, prepared.content)).is_result = True
        _store_confidence(float_image, prepared.confidence)
        data.depth, data.depth_key = float_image, prepared.key
        data.depth_low, data.depth_high = prepared.low, prepared.high
        data.predictor, data.device = prepared.depth.predictor, prepared.depth.device
        self._latest = (prepared.key, prepared.depth)
        return float_image

    def load(self, image: bpy.types.Image) -> DepthMap:
        """The depth kept with a picture; InputError when there is none, or not of its size."""
        float_image, data = depth_image(image), addon_data(image)
        width, height = image.size
        if self._latest is not None:
            key, depth = self._latest
            if key == data.depth_key and depth.shape == (height, width):
                return depth
        depth_width, depth_height = float_image.size
        if (depth_width, depth_height) != (width, height):
            raise InputError(
                f"The depth of {image.name!r} is {depth_width}x{depth_height} but the picture "
                f"is {width}x{height}; press Predict again."
            )
        unit = read_pixels(float_image)[..., 0]
        confidence = _unpack_confidence(float_image.get(_CONFIDENCE), unit.shape)
        values = _denormalized(unit, data.depth_low, data.depth_high)
        depth = DepthMap(values, data.predictor, data.device, confidence)
        self._latest = (data.depth_key, depth)
        return depth

    def clear(self) -> None:
        """Forget what is in memory; depth in the file stays."""
        self._latest = None


def has_depth(image: bpy.types.Image | None) -> bool:
    """Whether the picture has a predicted depth in this file."""
    return image is not None and addon_data(image).depth is not None


def depth_image(image: bpy.types.Image) -> bpy.types.Image:
    """The float image that shows a picture's depth; InputError when there is none yet."""
    float_image: bpy.types.Image | None = addon_data(image).depth
    if float_image is None:
        raise InputError(f"The image {image.name!r} has no depth yet; press Predict first.")
    return float_image


def check_local(image: bpy.types.Image) -> None:
    """InputError when the picture belongs to another file, where no result can be kept."""
    if image.library is not None:
        raise InputError(
            f"The image {image.name!r} is linked from another file and cannot hold a result; make "
            "it local first."
        )


def _is_shared(image: bpy.types.Image) -> bool:
    """Whether another picture has the same depth image: one of them is a copy of the other."""
    depth = addon_data(image).depth
    return any(x != image and addon_data(x).depth == depth for x in bpy.data.images)


def _denormalized(unit: NDArray[np.float32], low: float, high: float) -> NDArray[np.float32]:
    """Depth from 0..1: the same numbers whether it comes from memory or from the file."""
    bottom, top = np.float32(low), np.float32(high)
    values: NDArray[np.float32] = (bottom + unit * (top - bottom)).astype(np.float32)
    return values


def _store_confidence(float_image: Any, packed: bytes | None) -> None:
    if packed is not None:
        set_bytes(float_image, _CONFIDENCE, packed)
    elif _CONFIDENCE in float_image:
        del float_image[_CONFIDENCE]


def _unpack_confidence(packed: bytes | None, shape: tuple[int, ...]) -> NDArray[np.float32] | None:
    """The confidence of each pixel, float32 0..1; None where there is none, or not of this size."""
    if not packed:
        return None
    try:
        levels = np.frombuffer(zlib.decompress(packed), np.uint8)
    except zlib.error:  # a damaged file: the depth is worth more than this
        return None
    if levels.size != shape[0] * shape[1]:
        return None
    return levels.reshape(shape).astype(np.float32) / np.float32(255.0)
