"""A 16-bit height map for CNC carving, with the numbers that CAM programs ask for beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage

from ..errors import InputError, NothingShownError
from ..geometry.layer_heights import depth_to_raise, field_heights
from ..geometry.terrace_levels import relief_steps, step_heights
from ..io.atomic import atomic_path, check_output
from ..settings import ReliefSettings
from ..types import DepthMap, LayerStack

__all__ = [
    "check_heightmap_mode",
    "read_sidecar",
    "relief_heights",
    "sidecar_path",
    "write_heightmap",
]

MAX_LEVEL = 65535  # the highest of 16-bit levels


def check_heightmap_mode(settings: ReliefSettings) -> None:
    """Raise InputError for mode "stacked", whose slabs have air between them."""
    if settings.mode not in ("terraced", "heightfield"):
        raise InputError("A height map needs mode terraced or heightfield: slabs have gaps.")


def relief_heights(
    stack: LayerStack, settings: ReliefSettings, depth: DepthMap | None = None
) -> NDArray[np.float64]:
    """Height of the relief's surface at every pixel, mm, float64 (H, W); 0 where nothing is.

    Args:
        stack: the layers.
        settings: mode "terraced" or "heightfield".
        depth: for "heightfield", the continuous depth; without it the stack's layer number.

    Raises InputError as `check_heightmap_mode` and `depth_to_raise` do.
    """
    settings.check()
    check_heightmap_mode(settings)
    if settings.mode == "terraced":
        # Its pixels are the frame's, whatever `fit` says.
        relief = relief_steps(stack, replace(settings, fit="picture"))
        tops = np.array([*step_heights(stack, relief.steps, settings).tops, 0.0])
        return np.asarray(tops[relief.levels], np.float64)
    base, total = field_heights(settings).tops
    return base + depth_to_raise(stack, depth).normalized().astype(np.float64) * (total - base)


def sidecar_path(path: str | Path) -> Path:
    """Where the numbers of a height map are kept: the same name, ending in .json."""
    return Path(path).with_suffix(".json")


def read_sidecar(path: str | Path) -> dict[str, Any]:
    """The numbers beside the height map at `path`, as `write_heightmap` wrote them."""
    facts: dict[str, Any] = json.loads(sidecar_path(path).read_text(encoding="utf-8"))
    return facts


def write_heightmap(
    stack: LayerStack,
    settings: ReliefSettings,
    path: str | Path,
    overwrite: bool = False,
    depth: DepthMap | None = None,
) -> Path:
    """Write the relief's surface as 16-bit greyscale PNG, linear, and `NAME.json` beside it.

    Black is the underside (0 mm), white the highest point, so that mm = level x mm_per_level.
    Pixels are square and the picture's frame measures `size_mm` along its longest side, also in the
    PNG's own resolution (pHYs). Both files appear, or none.

    Returns the PNG's path. Raises InputError as `relief_heights` and `atomic_path` do.
    """
    final = check_output(path, overwrite)
    sidecar = check_output(sidecar_path(final), overwrite)
    heights = relief_heights(stack, settings, depth)
    highest = float(heights.max())
    if highest <= 0.0:
        raise NothingShownError(stack.name)
    levels = np.rint(heights / highest * MAX_LEVEL).astype(np.uint16)
    pixel_mm = settings.size_mm / max(stack.width, stack.height)
    facts: dict[str, Any] = {
        "format": "illustrators-depth-heightmap",
        "version": 1,
        "image": final.name,
        "width_px": stack.width,
        "height_px": stack.height,
        "width_mm": stack.width * pixel_mm,
        "height_mm": stack.height * pixel_mm,
        "mm_per_pixel": pixel_mm,
        "black_mm": 0.0,
        "white_mm": highest,
        "mm_per_level": highest / MAX_LEVEL,
        "mode": settings.mode,
        "encoding": "16-bit greyscale, linear, white is highest",
    }
    per_inch = 25.4 / pixel_mm
    with atomic_path(final, overwrite) as picture, atomic_path(sidecar, overwrite) as numbers:
        PilImage.fromarray(levels).save(picture, format="PNG", dpi=(per_inch, per_inch))
        numbers.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8", newline="\n")
    return final
