"""The flat shapes of layers as mesh arrays, and keys that change when a layer's shape or look does.

A key says what a shape or a texture was made from; as long as it stays the same nothing has to be
made again, which is what keeps sliders and edits fast.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from illustrators_depth.array_cache import ArrayCache
from illustrators_depth.outlines.drawn_outline import drawn_shapes
from illustrators_depth.settings import ReliefSettings
from illustrators_depth.types import Layer, LayerStack, Mesh, Outline

from .images.packing import texture_file
from .images.texture_window import crop_window, uv_in_window
from .units import to_units

__all__ = ["LayerShape", "layer_shapes", "shape_key", "texture_key"]

# Vertices float32 (V, 3) in Blender units at z = 0, faces int32 (F, 3), UV float32 (V, 2) in the
# layer's own texture.
LayerShape = tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.float32]]

_sums, _shapes = ArrayCache(), ArrayCache()

# Part of every key: files of an earlier layout of the UV maps get theirs when they are updated.
_UV_LAYOUT = "crop"


def shape_key(layer: Layer, settings: ReliefSettings) -> str:
    """What a layer's sheet is made from, as a short text."""
    mask = _sums.get(
        layer.mask_crop, "sum", lambda: _checksum(np.packbits(layer.mask_crop).tobytes())
    )
    outlined = (settings.size_mm, settings.smoothing, settings.simplify)
    if layer.outline is not None and drawn_shapes(layer) is not None:
        mask = f"{mask} {_outline_sum(layer.outline)}"
    return f"{mask} {layer.window} {layer.frame} {outlined} {_UV_LAYOUT}"


def _outline_sum(outline: Outline) -> str:
    return _checksum(b"".join(ring.tobytes() for shape in outline.shapes for ring in shape))


def texture_key(layer: Layer) -> str:
    """What a layer's texture and color are made from, as a short text."""
    # Of the file that will be packed: a fraction of the pixels' bytes, and made anyway.
    pixels = _sums.get(layer.rgba_crop, "sum", lambda: _checksum(texture_file(layer.rgba_crop)))
    return f"{pixels} {layer.window} {tuple(round(c, 4) for c in layer.color)} {_UV_LAYOUT}"


def layer_shapes(
    stack: LayerStack, layers: Sequence[Layer], settings: ReliefSettings
) -> dict[int, LayerShape]:
    """Shapes of some layers, hidden or not, by uid; centered on the picture.

    A mask that was outlined before, and is still in memory, is not outlined again.
    """
    keys = {layer.uid: shape_key(layer, settings) for layer in layers}
    new = [layer for layer in layers if not _shapes.has(layer.mask_crop, keys[layer.uid])]
    outlined = _outlined(stack, new, settings)
    for layer in new:
        shape = outlined.get(layer.uid)  # none for a mask too small to have an outline
        _shapes.get(layer.mask_crop, keys[layer.uid], lambda value=shape: value)
    shapes = {x.uid: _shapes.get(x.mask_crop, keys[x.uid], lambda: None) for x in layers}
    return {uid: shape for uid, shape in shapes.items() if shape is not None}


def _outlined(
    stack: LayerStack, layers: Sequence[Layer], settings: ReliefSettings
) -> dict[int, LayerShape]:
    from illustrators_depth.geometry import relief

    if not layers:
        return {}
    no_labels = np.full(stack.labels.shape, -1, np.int32)  # outlines come from the masks alone
    shown = tuple(replace(layer, hidden=False) for layer in layers)
    partial = replace(stack, layers=shown, labels=no_labels)
    solids = relief(partial, _flat(settings))
    scale = settings.size_mm / max(stack.width, stack.height)
    size = (stack.width * scale, stack.height * scale)
    caps: dict[int, LayerShape] = {}
    for solid in solids.split():
        layer = layers[solid.parts[0].layer]
        vertices, faces, uv = _cap(solid, size)
        caps[layer.uid] = vertices, faces, uv_in_window(uv, crop_window(layer))
    return caps


def _flat(settings: ReliefSettings) -> ReliefSettings:
    """The same outlines as flat as they come: only the upper caps are used."""
    values = settings.to_dict() | {"mode": "stacked", "fit": "picture"}
    return ReliefSettings.from_dict(values)


def _cap(solid: Mesh, size: tuple[float, float]) -> LayerShape:
    """The upper cap of a slab, centered on the picture, Blender units, z = 0; UV of the picture."""
    top = solid.vertices[:, 2] > solid.vertices[:, 2].mean()
    cap = solid.faces[top[solid.faces].all(axis=1)]
    new_index = np.cumsum(top, dtype=np.int32) - 1
    vertices = solid.vertices[top] - np.array([size[0] / 2.0, size[1] / 2.0, 0.0], np.float32)
    vertices[:, 2] = 0.0
    return vertices * np.float32(to_units(1.0)), new_index[cap].astype(np.int32), solid.uv[top]


def _checksum(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=12).hexdigest()
