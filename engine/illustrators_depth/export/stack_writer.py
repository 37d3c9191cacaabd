"""One call for every kind of file that a stack can become, chosen by the name's ending."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError, check_kind
from ..io.atomic import atomic_path, check_output, check_output_folder
from ..io.user_path import user_path
from ..product_settings import VectorizeSettings
from ..progress import Progress
from ..types import DepthMap, LayerStack

__all__ = ["STACK_SUFFIXES", "check_stack_output", "layer_list", "write_json", "write_stack"]


def check_stack_output(path: str | Path, overwrite: bool = False) -> Path:
    """Say early whether layers may be written to `path`; return it. No suffix means a folder.

    Raises InputError for an unknown suffix, and as `check_output` does.
    """
    final = user_path(path)
    suffix = final.suffix.lower()
    if suffix in STACK_SUFFIXES:  # of a folder by such a name it says so
        return check_output(final, overwrite)
    if suffix and len(suffix) <= 5 and suffix[1:].isalpha() and not final.is_dir():
        raise InputError(
            f"{final.name}: layers are written as {', '.join(STACK_SUFFIXES)}, or into a folder "
            "(a name without an ending); choose one of these."
        )
    return check_output_folder(final, overwrite)


def write_stack(
    stack: LayerStack,
    path: str | Path,
    overwrite: bool = False,
    depth: DepthMap | None = None,
    progress: Progress | None = None,
    vectorize: VectorizeSettings | None = None,
) -> Path:
    """Write layers, atomically, as the ending says.

    - none: a folder of full-frame RGBA PNGs, with `stack.json`.
    - `.idl`: everything, to go on with; `.psd`, `.ora`: layers for painting programs.
    - `.exr`: multi-layer, linear, with the depth as a channel.
    - `.svg`: a layered drawing (`vectorize`).
    - `.png`: the depth as 16-bit greyscale: `depth`, or the layer number where it is None.
    - `.json`: the list of layers, without pixels.

    Returns the path written. Raises InputError as the single writers do.
    """
    check_kind(stack, LayerStack, "stack", "call decompose first")
    if depth is not None:
        check_kind(depth, DepthMap, "depth")
    final = check_stack_output(path, overwrite)
    write = _WRITERS.get(final.suffix.lower(), _write_folder)
    write(_Order(stack, final, overwrite, depth, progress, vectorize))
    return final


@dataclass(frozen=True)
class _Order:
    """What `write_stack` was asked for."""

    stack: LayerStack
    path: Path
    overwrite: bool
    depth: DepthMap | None
    progress: Progress | None
    vectorize: VectorizeSettings | None


def _write_folder(order: _Order) -> None:
    from .layers.layer_images import write_layers

    write_layers(order.stack, order.path, order.overwrite, order.progress)


def _write_idl(order: _Order) -> None:
    from ..io.stack_file import save_stack

    save_stack(order.stack, order.path, order.overwrite, order.progress)


def _write_psd(order: _Order) -> None:
    from .layers.psd import write_psd

    write_psd(order.stack, order.path, order.overwrite, order.progress)


def _write_ora(order: _Order) -> None:
    from .layers.openraster import write_ora

    write_ora(order.stack, order.path, order.overwrite, order.progress)


def _write_exr(order: _Order) -> None:
    from .layers.multilayer_exr import write_exr

    write_exr(order.stack, order.path, order.overwrite, order.depth, order.progress)


def _write_svg(order: _Order) -> None:
    from ..tracing import vectorize

    text = vectorize(order.stack, order.vectorize, order.progress)
    with atomic_path(order.path, order.overwrite) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _write_depth(order: _Order) -> None:
    from ..io.depth_file import write_depth

    depth = order.depth or DepthMap(order.stack.discrete_depth(), "layers")
    write_depth(depth, order.path, order.overwrite)


def _write_list(order: _Order) -> None:
    write_json(order.stack, order.path, order.overwrite)


_WRITERS: dict[str, Callable[[_Order], None]] = {
    ".idl": _write_idl,
    ".psd": _write_psd,
    ".ora": _write_ora,
    ".exr": _write_exr,
    ".svg": _write_svg,
    ".png": _write_depth,
    ".json": _write_list,
}
STACK_SUFFIXES = tuple(_WRITERS)
"""Endings that `write_stack` knows."""


def layer_list(stack: LayerStack) -> dict[str, Any]:
    """Names, depths, colours, boxes and areas of all layers, bottom to top, as JSON-able values."""
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


def write_json(stack: LayerStack, path: str | Path, overwrite: bool = False) -> Path:
    """Write `layer_list` as JSON, atomically: no pixels."""
    final = user_path(path)
    text = json.dumps(layer_list(stack), indent=2) + "\n"
    with atomic_path(final, overwrite) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return final
