"""Multi-layer OpenEXR for compositors: linear light, and the depth as a channel.

Channels (one part, so that Blender, Nuke, Fusion and Natron all see them):
`R G B A` the flattened picture; composited in linear light, the layers give just that;
`NN_name.Combined.R` ... `.A` each shown layer, 01 at the bottom;
`depth.Z` float32, in layers, larger = nearer the viewer, 0 where nothing is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import NothingShownError, check_depth_shape
from ...io.atomic import atomic_path, check_output
from ...progress import Progress, no_progress
from ...types import DepthMap, Layer, LayerStack
from .exr_channels import write_strips
from .layer_images import layer_file_names
from .linear_layers import LinearBackdrop, half_floats, premultiplied_light

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
    from ...editing.flatten import flatten_rows

    report = progress or no_progress
    final = check_output(path, overwrite)
    if not stack.shown():
        raise NothingShownError(stack.name, "write")
    if depth is not None:
        check_depth_shape(depth.shape, (stack.height, stack.width), "the layers are")
    values = stack.discrete_depth() if depth is None else depth.values
    names = layer_file_names(stack)
    layers = [(f"{Path(names[index]).stem}.Combined.", layer) for index, layer in stack.shown()]
    kinds: dict[str, np.dtype[Any]] = {"depth.Z": np.dtype(np.float32)}
    for prefix in ("", *(prefix for prefix, _ in layers)):
        kinds |= {prefix + channel: np.dtype(np.float16) for channel in "RGBA"}

    # All layers of a large picture at once, in full frames, would be many times the picture.
    def strip(rows: slice) -> dict[str, NDArray[Any]]:
        channels = _rgba("", _light(flatten_rows(stack, rows)))
        below = LinearBackdrop(rows.stop - rows.start, stack.width)
        for prefix, layer in layers:
            own = _rows_of(layer, rows, below)
            if own is not None:
                channels |= _rgba(prefix, own)
        channels["depth.Z"] = np.ascontiguousarray(values[rows], np.float32)
        return channels

    with atomic_path(final, overwrite) as temporary, temporary.open("wb") as out:
        write_strips(
            out, (stack.height, stack.width), kinds, strip, lambda f: report("write layers", f)
        )
    return final


def _rows_of(layer: Layer, rows: slice, below: LinearBackdrop) -> NDArray[np.float16] | None:
    """Rows of a layer in the full frame, laid over those below it; None where there is none."""
    top, left, bottom, _ = layer.window
    first, last = max(rows.start, top), min(rows.stop, bottom)
    if first >= last:
        return None
    part = layer.rgba_rows(slice(first - top, last - top))
    columns = np.flatnonzero(part[..., 3].any(axis=0))
    if len(columns) == 0:
        return None
    part = np.ascontiguousarray(part[:, columns[0] : columns[-1] + 1])
    left += int(columns[0])
    box = slice(first - rows.start, last - rows.start), slice(left, left + part.shape[1])
    frame = np.zeros((rows.stop - rows.start, layer.frame[1], 4), np.float16)
    frame[box] = below.lay(part, box)
    return frame


def _light(rgba: NDArray[np.float32]) -> NDArray[np.float16]:
    """Straight sRGB to premultiplied linear light, half float (OpenEXR's own convention)."""
    return half_floats(premultiplied_light(np.ascontiguousarray(rgba)))


def _rgba(prefix: str, pixels: NDArray[np.float16]) -> dict[str, NDArray[Any]]:
    return {prefix + name: np.ascontiguousarray(pixels[..., c]) for c, name in enumerate("RGBA")}
