"""Renders a still with Cycles on the CPU: denoised, in the picture's own colors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from illustrators_depth.errors import UnavailableError

from .picture_view import set_resolution, show_own_colors

__all__ = ["RenderOptions", "render_still", "set_up_render"]


@dataclass(frozen=True)
class RenderOptions:
    """Size and quality of a still.

    Attributes:
        width, height: pixels.
        samples: at most this many per pixel; adaptive sampling stops earlier where it can.
        threshold: noise level at which a pixel is finished, before denoising.
        seconds: no further samples are begun after this long; 0 for no limit.
    """

    width: int = 1280
    height: int = 960
    samples: int = 8
    threshold: float = 0.1
    seconds: float = 20.0


def set_up_render(scene: bpy.types.Scene, options: RenderOptions | None = None) -> None:
    """Set a scene's render engine, size, sampling and color management."""
    options = options or RenderOptions()
    render: Any = scene.render
    render.engine = "CYCLES"
    set_resolution(scene, options.width, options.height)
    render.film_transparent = False
    render.use_persistent_data = False
    image: Any = render.image_settings
    image.file_format = "PNG"
    image.color_mode = "RGB"
    image.color_depth = "8"
    cycles: Any = scene.cycles
    cycles.device = "CPU"
    cycles.samples = options.samples
    cycles.use_adaptive_sampling = True
    cycles.adaptive_threshold = options.threshold
    cycles.time_limit = options.seconds
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    # Flat colors and flat normals have hardly any noise: guides need no denoising of their own,
    # which takes as long as that of the picture.
    cycles.denoising_prefilter = "FAST"
    # Matt sheets of paper under three lights need few bounces and no light tree; more of either
    # costs time and does not show. Soft light makes so few samples enough for the denoiser.
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 2, 2, 1
    cycles.use_light_tree = False
    cycles.caustics_reflective = cycles.caustics_refractive = False
    show_own_colors(scene)


def render_still(scene: bpy.types.Scene, path: Path) -> None:
    """Render the scene's camera view into a PNG at `path`, replacing what is there.

    Raises UnavailableError when Blender wrote nothing.
    """
    render: Any = scene.render
    before = render.filepath
    render.filepath = str(path)
    try:
        bpy.ops.render.render(write_still=True, scene=scene.name)
    finally:
        render.filepath = before
    if not path.is_file():
        raise UnavailableError(f"Blender rendered nothing into {path}; check its output above.")
