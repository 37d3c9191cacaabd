"""The costly result, kept with the picture: depth as a packed image, layers as `.idl` bytes.

Both live in the .blend, so a reopened file needs no inference and undo brings back what was there.
Decoded stacks and the depth used last are kept in memory under keys that name their content, never
under a Blender pointer.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass, replace

import bpy
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.array_cache import ArrayCache
from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_path
from illustrators_depth.types import DepthMap, Layer, LayerStack

from ..addon_data import addon_data
from ..scene.packing import encode_float, new_float, pack_file
from ..scene.pictures import read_pixels
from ..threads import run_in_thread
from . import layer_file

__all__ = [
    "PreparedDepth",
    "check_local",
    "clear_memory",
    "depth_image",
    "end_decoding",
    "forget",
    "has_depth",
    "has_stack",
    "keep_depth",
    "load_depth",
    "load_layers",
    "prepare_depth",
    "start_decoding",
    "store_depth",
    "store_layer_file",
    "store_layers",
]

_KEPT = 4

_decoded: OrderedDict[str, LayerStack] = OrderedDict()
_depth: tuple[str, DepthMap] | None = None
# Rounded pictures of the arrays at hand.
_rounded = ArrayCache()


def store_depth(image: bpy.types.Image, depth: DepthMap) -> bpy.types.Image:
    """Keep a picture's depth with it, and return the float image that shows it.

    The image holds the depth scaled to 0 (farthest) .. 1 (nearest), to be looked at and displaced
    by; `load_depth` scales it back, exact to float32 rounding.
    """
    return keep_depth(image, prepare_depth(depth))


@dataclass(frozen=True)
class PreparedDepth:
    """A depth on its way into the .blend: the file of its image, and what is noted beside it."""

    content: bytes
    key: str
    low: float
    high: float
    depth: DepthMap


def prepare_depth(depth: DepthMap) -> PreparedDepth:
    """The costly half of `store_depth`. No bpy: threads may call it."""
    unit = depth.normalized()
    low, high = float(depth.values.min()), float(depth.values.max())
    key = hashlib.blake2b(np.ascontiguousarray(depth.values).data, digest_size=16).hexdigest()
    return PreparedDepth(encode_float(unit), key, low, high, _scaled_back(unit, low, high, depth))


def keep_depth(image: bpy.types.Image, made: PreparedDepth) -> bpy.types.Image:
    """The quick half of `store_depth`."""
    global _depth
    data = addon_data(image)
    shown = None if _is_shared(image) else data.depth
    shown = shown or new_float(f"{image.name} depth")
    addon_data(pack_file(shown, made.content)).is_result = True
    data.depth, data.depth_key = shown, made.key
    data.depth_low, data.depth_high = made.low, made.high
    data.predictor, data.device = made.depth.predictor, made.depth.device
    _depth = (made.key, made.depth)
    found: bpy.types.Image = shown
    return found


def _is_shared(image: bpy.types.Image) -> bool:
    """Whether another picture has the same depth image: one of them is a copy of the other."""
    depth = addon_data(image).depth
    return any(x != image and addon_data(x).depth == depth for x in bpy.data.images)


def _scaled_back(unit: NDArray[np.float32], low: float, high: float, source: DepthMap) -> DepthMap:
    """Depth from 0..1: the same numbers whether it comes from memory or from the file."""
    bottom, top = np.float32(low), np.float32(high)
    values = (bottom + unit * (top - bottom)).astype(np.float32)
    return DepthMap(values, source.predictor, source.device)


def store_layers(image: bpy.types.Image, stack: LayerStack, derived: bool = False) -> LayerStack:
    """Keep a picture's layers with it, their pictures in 8 bits; return them as they are kept.

    `derived` says that they come from `layer_session` and can be made again from the picture, its
    depth and the settings in the stack's `meta`; then their bytes may follow later (see
    `layer_bytes`).
    """
    if derived:
        _are_rounded(stack)
    stack = stack.with_layers(tuple(_rounded_layer(layer) for layer in stack))
    if derived and layer_file.waits():
        key = uuid.uuid4().hex
        layer_file.put_off(image, key, stack)
    else:
        store_layer_file(image, layer_file.encode(stack))
        key = addon_data(image).stack_key
    _remember(key, stack)
    return stack


def _rounded_layer(layer: Layer) -> Layer:
    """The layer in 8 bits; the very same one when it has been through here before."""
    from illustrators_depth.worker.array_files import eight_bit_layer

    source = layer.rgba_crop
    if _rounded.has(source, "is rounded"):
        return layer
    rgba = _rounded.get(source, "rounded", lambda: eight_bit_layer(layer).rgba_crop)
    _rounded.get(rgba, "is rounded", lambda: True)
    return replace(layer, rgba_crop=rgba)


def _are_rounded(stack: LayerStack) -> None:
    for layer in stack:
        _rounded.get(layer.rgba_crop, "is rounded", lambda: True)


def store_layer_file(image: bpy.types.Image, content: bytes) -> None:
    """Keep the bytes of an .idl file with a picture; they are decoded when first needed."""
    layer_file.put(image, layer_file.key_of(content), content)


def has_depth(image: bpy.types.Image | None) -> bool:
    return image is not None and addon_data(image).depth is not None


def has_stack(image: bpy.types.Image | None) -> bool:
    return image is not None and bool(addon_data(image).stack_key) and layer_file.are_there(image)


def depth_image(image: bpy.types.Image) -> bpy.types.Image:
    """The float image that shows a picture's depth; InputError when there is none yet."""
    data = addon_data(image)
    if data.depth is None:
        raise InputError(f"The image {image.name!r} has no depth yet; press Predict first.")
    found: bpy.types.Image = data.depth
    return found


def load_depth(image: bpy.types.Image) -> DepthMap:
    """The depth kept with a picture; InputError when there is none, or not of its size."""
    global _depth
    shown, data = depth_image(image), addon_data(image)
    width, height = image.size
    if _depth is not None and _depth[0] == data.depth_key and _depth[1].shape == (height, width):
        return _depth[1]
    if tuple(shown.size) != (width, height):
        raise InputError(
            f"The depth of {image.name!r} is {shown.size[0]}x{shown.size[1]} but the picture is "
            f"{width}x{height}; press Predict again."
        )
    unit = read_pixels(shown)[..., 0]
    source = DepthMap(unit, data.predictor, data.device)
    depth = _scaled_back(unit, data.depth_low, data.depth_high, source)
    _depth = (data.depth_key, depth)
    return depth


def load_layers(image: bpy.types.Image) -> LayerStack:
    """The layers kept with a picture; InputError when there are none."""
    if not has_stack(image):
        raise InputError(f"The image {image.name!r} has no layers yet; press Predict first.")
    data = addon_data(image)
    known = _decoded.get(data.stack_key)
    if known is not None:
        _decoded.move_to_end(data.stack_key)
        return known
    content = layer_file.content(image)
    stack = _made_again(image) if content is None else _decode(content)
    _are_rounded(stack)
    _remember(data.stack_key, stack)
    return stack


def start_decoding(image: bpy.types.Image) -> Future[LayerStack] | None:
    """Decode a picture's layers in a thread, for `end_decoding`; None if there is no need to."""
    content = layer_file.content(image)
    if content is None or addon_data(image).stack_key in _decoded:
        return None
    return run_in_thread(_decode, content)


def end_decoding(image: bpy.types.Image, decoded: Future[LayerStack]) -> None:
    """Keep what was decoded at hand; `image` has the layers that it had then."""
    if decoded.exception() is None:  # else whoever asks for the layers hears what is wrong
        _are_rounded(decoded.result())
        _remember(addon_data(image).stack_key, decoded.result())


def _decode(content: bytes) -> LayerStack:
    from illustrators_depth.io.stack_file import load_stack
    from illustrators_depth.worker.array_files import private_folder

    with private_folder() as folder:
        path = folder / "stack.idl"
        with atomic_path(path) as temporary:  # which says what is wrong with the disk
            temporary.write_bytes(content)
        return load_stack(path)


def _made_again(image: bpy.types.Image) -> LayerStack:
    """Layers whose bytes were still to come when Blender noted this state of the image."""
    from illustrators_depth.settings import CompleteSettings, DecomposeSettings

    from .layer_session import layer_session

    recipe = layer_file.recipe(image) or {}
    stack = layer_session(image).decompose(
        DecomposeSettings.from_dict(recipe.get("decompose", {})),
        CompleteSettings.from_dict(recipe.get("complete", {})),
    )
    uids = recipe.get("uids", [])
    if len(uids) == len(stack):
        stack = stack.with_layers(
            tuple(replace(x, uid=int(uid)) for x, uid in zip(stack, uids, strict=True))
        )
    return stack


def check_local(image: bpy.types.Image) -> None:
    """InputError when the picture belongs to another file, where no result can be kept."""
    if image.library is not None:
        raise InputError(
            f"The image {image.name!r} is linked from another file and cannot hold a result; make "
            "it local first."
        )


def forget(image: bpy.types.Image) -> None:
    """Remove depth and layers from a picture; InputError when it is linked from another file."""
    check_local(image)
    data = addon_data(image)
    shown, data.depth, data.stack_key = data.depth, None, ""
    data.layers.clear()
    layer_file.remove(image)
    if shown is not None and shown.users == 0:
        bpy.data.images.remove(shown)


def clear_memory() -> None:
    """Forget decoded stacks and depth; those in the file stay."""
    global _depth
    _decoded.clear()
    _depth = None


def _remember(key: str, stack: LayerStack) -> None:
    _decoded[key] = stack
    while len(_decoded) > _KEPT:
        _decoded.popitem(last=False)
