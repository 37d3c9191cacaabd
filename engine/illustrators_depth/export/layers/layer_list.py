"""The list of a stack's layers, without pixels, as JSON-able values or as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ...io.atomic import atomic_path
from ...io.user_path import user_path
from ...types import LayerStack

__all__ = ["layer_list", "write_layer_list"]


def layer_list(stack: LayerStack) -> dict[str, Any]:
    """Names, depths, colours, boxes and areas of all layers, bottom to top."""
    layers = []
    for index, layer in enumerate(stack.layers):
        top, left, bottom, right = layer.window
        layers.append(
            {
                "number": index + 1,  # as `edit --op` and `info` count; "index" is Python's
                "index": index,
                "name": layer.name,
                "depth": float(layer.depth),
                "color": [float(c) for c in layer.color],
                "hidden": layer.hidden,
                "confidence": layer.confidence,
                "group": list(layer.group),
                "blend": layer.blend,
                "box": {"left": left, "top": top, "right": right, "bottom": bottom},
                "visible_pixels": int(np.count_nonzero(layer.visible_crop)),
                "mask_pixels": int(np.count_nonzero(layer.mask_crop)),
            }
        )
    return {
        "format": "illustrators-depth-layer-list",
        "version": 1,
        "name": stack.name,
        "width": stack.width,
        "height": stack.height,
        "order": "bottom to top",
        "layers": layers,
        "meta": stack.meta,
    }


def write_layer_list(stack: LayerStack, path: str | Path, overwrite: bool = False) -> Path:
    """Write `layer_list` as JSON, atomically; return the path. Raises as `atomic_path` does."""
    final = user_path(path)
    text = json.dumps(layer_list(stack), indent=2) + "\n"
    with atomic_path(final, overwrite) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return final
