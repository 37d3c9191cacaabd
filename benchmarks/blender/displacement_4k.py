"""How long a displacement relief of a 4K picture takes to build in Blender, and to be evaluated.

    python -m benchmarks displacement_4k

The bar: 4K within 5 seconds. Needs the bpy module; the depth is predicted first and not counted.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from ..harness.addon import registered_addon
from ..harness.measure import ROOT

PICTURE = ROOT / "examples" / "space-4k.png"


def main() -> int:
    """Predict, build and evaluate; returns the exit code, 2 without Blender's module."""
    with registered_addon() as bpy:
        from illustrators_depth import predict_depth
        from illustrators_depth.io.pictures.read_image import read_image

        measure(bpy, read_image(PICTURE), predict_depth(PICTURE))
    return 0


def measure(bpy: Any, picture: Any, depth: Any) -> None:
    """Print vertices, seconds to build and seconds to evaluate, adaptive and full."""
    from illustrators_depth_addon.scene.displacement import build as displacement
    from illustrators_depth_addon.scene.images import packing
    from illustrators_depth_addon.session import SESSION

    for adaptive in (True, False):
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        scene = bpy.context.scene
        source = packing.image_from_engine(picture)
        shown = SESSION.depth.store(source, depth)
        options = displacement.DisplacementOptions(adaptive=adaptive)
        start = time.perf_counter()
        built = displacement.build_displacement(scene, source, shown, options)
        built_at = time.perf_counter()
        bpy.context.view_layer.update()
        evaluated_at = time.perf_counter()
        relief = next(o for o in built.objects if o.type == "MESH")
        kind = "adaptive" if adaptive else "a vertex per pixel, at most 4 million"
        print(
            f"{picture.width}x{picture.height} {kind}: {len(relief.data.vertices)} vertices, "
            f"{built_at - start:.1f} s to build, {evaluated_at - built_at:.1f} s to evaluate",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
