"""A layer stack as full-frame RGBA PNGs, ready for Photoshop, Krita, After Effects and Blender."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ...errors import NothingShownError, check_kind
from ...io.atomic import atomic_folder
from ...io.names import safe_name
from ...io.stale_files import listed_files, remove_stale
from ...io.user_path import user_path
from ...progress import Progress
from ...types import Layer, LayerStack
from ...types.packed_pixels import PackedPixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["INDEX_NAME", "layer_bytes", "layer_file_names", "to_bytes", "write_layers"]

INDEX_NAME = "stack.json"


def layer_file_names(stack: LayerStack) -> dict[int, str]:
    """File name of each shown layer, by its index: `NN_safe-name.png`, 01 at the bottom."""
    shown = stack.shown()
    digits = max(2, len(str(len(shown))))
    return {
        i: f"{n:0{digits}d}_{safe_name(layer.name)}.png" for n, (i, layer) in enumerate(shown, 1)
    }


def to_bytes(pixels: NDArray[np.float32]) -> NDArray[np.uint8]:
    """0..1 to 0..255, rounded to nearest, float32 (H, W, up to 4); overshoot is clipped."""
    # OpenCV does it in one pass over the pixels, NumPy in four: large pictures gain seconds.
    lifted = np.maximum(pixels, np.float32(0.0))
    return np.asarray(cv2.convertScaleAbs(lifted, alpha=255.0), np.uint8).reshape(pixels.shape)


def layer_bytes(layer: Layer) -> NDArray[np.uint8]:
    """A layer's pixels in its window as `to_bytes` gives them, uint8 (h, w, 4)."""
    pixels = layer.pixels
    if isinstance(pixels, PackedPixels):
        return pixels.mapped(to_bytes).rows(slice(0, pixels.shape[0]))
    return to_bytes(pixels)


def write_layers(
    stack: LayerStack,
    folder: str | Path,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """Write every shown layer as a full-frame, straight-alpha, 8-bit sRGB PNG, and `stack.json`.

    Stacked bottom to top with normal blending, the PNGs give the picture back. `stack.json` lists
    them with name, depth, colour and bounding box. The folder appears complete or not at all; with
    `overwrite` the layers of an earlier run in it are replaced and other files are left alone.

    Returns the paths written, bottom to top, the list last.
    Raises InputError when no layer is shown, and as `atomic_folder` does.
    """
    from PIL import Image as PilImage

    check_kind(stack, LayerStack, "stack", "call decompose first")
    shown = stack.shown()
    if not shown:
        raise NothingShownError(stack.name, "write")
    final = user_path(folder)
    names = layer_file_names(stack)
    entries = []
    with atomic_folder(final, overwrite) as temporary:
        for n, (i, layer) in enumerate(shown):
            if progress:
                progress("write layers", n / len(shown))
            frame = np.zeros((stack.height, stack.width, 4), np.uint8)
            frame[layer.box] = _clear_unseen_colors(layer_bytes(layer))
            PilImage.fromarray(frame).save(temporary / names[i], format="PNG", compress_level=3)
            top, left, bottom, right = layer.window
            entries.append(
                {
                    "file": names[i],
                    "name": layer.name,
                    "number": i + 1,
                    "index": i,
                    "depth": float(layer.depth),
                    "color": [float(c) for c in layer.color],
                    "box": {"left": left, "top": top, "right": right, "bottom": bottom},
                }
            )
        index = {
            "format": "illustrators-depth-layer-images",
            "version": 1,
            "name": stack.name,
            "width": stack.width,
            "height": stack.height,
            "order": "bottom to top",
            "layers": entries,
            "meta": stack.meta,
        }
        (temporary / INDEX_NAME).write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
        earlier = listed_files(final, INDEX_NAME, "layers", (".png",))
    remove_stale(final, earlier, names.values())
    return [*(final / names[i] for i, _ in shown), final / INDEX_NAME]


def _clear_unseen_colors(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Clear the colour of clear pixels, but for a rim that keeps scaled edges free of fringes."""
    covered = (rgba[..., 3] > 0).astype(np.uint8)
    near = cv2.dilate(covered, np.ones((5, 5), np.uint8))
    rgba[near == 0] = 0
    return rgba
