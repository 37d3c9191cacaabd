"""The costly result, kept with the picture: depth as a packed image, layers as `.idl` bytes.

Both live in the .blend, so a reopened file needs no inference and undo brings back what was there.
Decoded stacks are kept in memory under the checksum of their bytes, never under a Blender pointer.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path

import bpy
import numpy as np

from illustrators_depth.errors import InputError
from illustrators_depth.memo import ArrayMemo
from illustrators_depth.nouns import DepthMap, Layer, LayerStack

from .attached import attached
from .scene.pictures import pack_float, read_pixels

__all__ = [
    "clear_memory",
    "depth_image",
    "forget",
    "has_depth",
    "has_stack",
    "load_depth",
    "load_layers",
    "store_depth",
    "store_layer_file",
    "store_layers",
]

# A custom property of the image: the bytes of the .idl file.
_STACK = "illdepth_stack"
_KEPT = 4

_decoded: OrderedDict[str, LayerStack] = OrderedDict()
# Encoded planes and rounded pictures of the arrays at hand: an edit stores only what it changed.
_planes = ArrayMemo()
_rounded = ArrayMemo()


def store_depth(image: bpy.types.Image, depth: DepthMap) -> bpy.types.Image:
    """Keep a picture's depth with it, and return the float image that shows it.

    The image holds the depth scaled to 0 (farthest) .. 1 (nearest), to be looked at and displaced
    by; `load_depth` scales it back, exact to float32 rounding.
    """
    data = attached(image)
    shown = pack_float(f"{image.name} depth", depth.normalized(), reuse=data.depth)
    attached(shown).is_result = True
    data.depth = shown
    data.depth_low, data.depth_high = float(depth.values.min()), float(depth.values.max())
    data.depth_key = hashlib.blake2b(depth.values.tobytes(), digest_size=16).hexdigest()
    data.predictor, data.device = depth.predictor, depth.device
    return shown


def store_layers(image: bpy.types.Image, stack: LayerStack) -> LayerStack:
    """Keep a picture's layers with it, their pictures in 8 bits; return them as they are kept."""
    from illustrators_depth.io.stack_file import save_stack

    stack = stack.with_layers(tuple(_rounded_layer(layer) for layer in stack))
    with tempfile.TemporaryDirectory(prefix="illdepth-") as folder:
        content = save_stack(stack, Path(folder) / "stack.idl", planes=_planes).read_bytes()
    store_layer_file(image, content)
    _remember(attached(image).stack_key, stack)
    return stack


def _rounded_layer(layer: Layer) -> Layer:
    """The layer in 8 bits; the very same one when it has been through here before."""
    from illustrators_depth.worker.exchange import eight_bit_layer

    source = layer.rgba_crop
    if _rounded.has(source, "is rounded"):
        return layer
    rgba = _rounded.get(source, "rounded", lambda: eight_bit_layer(layer).rgba_crop)
    _rounded.get(rgba, "is rounded", lambda: True)
    return replace(layer, rgba_crop=rgba)


def store_layer_file(image: bpy.types.Image, content: bytes) -> None:
    """Keep the bytes of an .idl file with a picture; they are decoded when first needed."""
    data = attached(image)
    if image.get(_STACK) is not None:
        del image[_STACK]  # bytes set over bytes are cut at their first zero
    image[_STACK] = content
    data.stack_key = hashlib.sha256(content).hexdigest()


def has_depth(image: bpy.types.Image | None) -> bool:
    return image is not None and attached(image).depth is not None


def has_stack(image: bpy.types.Image | None) -> bool:
    return image is not None and bool(attached(image).stack_key) and image.get(_STACK) is not None


def depth_image(image: bpy.types.Image) -> bpy.types.Image:
    """The float image that shows a picture's depth; InputError when there is none yet."""
    data = attached(image)
    if data.depth is None:
        raise InputError(f"The image {image.name!r} has no depth yet; press Predict first.")
    found: bpy.types.Image = data.depth
    return found


def load_depth(image: bpy.types.Image) -> DepthMap:
    """The depth kept with a picture; InputError when there is none, or not of its size."""
    shown = depth_image(image)
    if tuple(shown.size) != tuple(image.size):
        raise InputError(
            f"The depth of {image.name!r} is {shown.size[0]}x{shown.size[1]} but the picture is "
            f"{image.size[0]}x{image.size[1]}; press Predict again."
        )
    data = attached(image)
    unit = read_pixels(shown)[..., 0]
    low, high = np.float32(data.depth_low), np.float32(data.depth_high)
    values = (low + unit * (high - low)).astype(np.float32)
    return DepthMap(values, data.predictor, data.device)


def load_layers(image: bpy.types.Image) -> LayerStack:
    """The layers kept with a picture; InputError when there are none."""
    if not has_stack(image):
        raise InputError(f"The image {image.name!r} has no layers yet; press Predict first.")
    data = attached(image)
    known = _decoded.get(data.stack_key)
    if known is not None:
        _decoded.move_to_end(data.stack_key)
        return known
    from illustrators_depth.io.stack_file import load_stack

    with tempfile.TemporaryDirectory(prefix="illdepth-") as folder:
        path = Path(folder) / "stack.idl"
        path.write_bytes(image[_STACK])
        stack = load_stack(path)
    for layer in stack:
        _rounded.get(layer.rgba_crop, "is rounded", lambda: True)
    _remember(data.stack_key, stack)
    return stack


def forget(image: bpy.types.Image) -> None:
    """Remove depth and layers from a picture."""
    data = attached(image)
    shown, data.depth, data.stack_key = data.depth, None, ""
    data.layers.clear()
    if image.get(_STACK) is not None:
        del image[_STACK]
    if shown is not None and shown.users == 0:
        bpy.data.images.remove(shown)


def clear_memory() -> None:
    """Forget decoded stacks; those in the file stay."""
    _decoded.clear()


def _remember(key: str, stack: LayerStack) -> None:
    _decoded[key] = stack
    while len(_decoded) > _KEPT:
        _decoded.popitem(last=False)
