"""Multi-layer OpenEXR for compositors: linear light, and the depth as a channel.

Channels (one part, so that Blender, Nuke, Fusion and Natron all see them):
`R G B A` the flattened picture; `NN_name.Combined.R` ... `.A` each shown layer, 01 at the bottom;
`depth.Z` float32, in layers, larger = nearer the viewer, 0 where nothing is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..io.atomic import atomic_path, check_output
from ..io.color import srgb_to_linear
from ..nouns import DepthMap, LayerStack
from ..predictors.base import Progress, no_progress
from .exr_channels import write_channels
from .layer_images import layer_file_names

__all__ = ["write_exr"]


def write_exr(
    stack: LayerStack,
    path: str | Path,
    overwrite: bool = False,
    depth: DepthMap | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write a stack as multi-layer EXR, atomically: half-float, linear, premultiplied alpha.

    Args:
        stack: the layers; hidden ones are left out.
        path: ending in .exr.
        overwrite: replace an existing file.
        depth: the continuous depth for `depth.Z`; else each pixel's layer number, 1 = bottom.
        progress: called with ("write layers", fraction).

    Raises:
        InputError: no layer is shown, `depth` is of another size, and as `atomic_path` does.
    """
    from ..editing.flatten import flatten

    report = progress or no_progress
    final = check_output(path, overwrite)
    if not stack.shown():
        raise InputError(f"All layers of {stack.name!r} are hidden; show at least one to write it.")
    if depth is not None and depth.shape != (stack.height, stack.width):
        raise InputError(
            f"The depth map is {depth.shape[1]}x{depth.shape[0]} but the layers are "
            f"{stack.width}x{stack.height}; they must be of one size."
        )
    channels = _rgba("", _light(flatten(stack).rgba))
    names = layer_file_names(stack)
    for number, (index, layer) in enumerate(stack.shown()):
        report("write layers", number / (len(names) + 1))
        frame = np.zeros((stack.height, stack.width, 4), np.float16)
        frame[layer.box] = _light(layer.rgba_crop)
        channels |= _rgba(f"{Path(names[index]).stem}.Combined.", frame)
    values = stack.discrete_depth() if depth is None else depth.values
    channels["depth.Z"] = np.ascontiguousarray(values, np.float32)
    with atomic_path(final, overwrite) as temporary, temporary.open("wb") as out:
        write_channels(out, channels)
    return final


def _light(rgba: NDArray[np.float32]) -> NDArray[np.float16]:
    """Straight sRGB to premultiplied linear light, half float (OpenEXR's own convention)."""
    alpha = rgba[..., 3:]
    color = srgb_to_linear(rgba[..., :3]) * alpha
    return np.concatenate([color, alpha], axis=2).astype(np.float16)


def _rgba(prefix: str, pixels: NDArray[np.float16]) -> dict[str, NDArray[Any]]:
    return {prefix + name: np.ascontiguousarray(pixels[..., c]) for c, name in enumerate("RGBA")}
