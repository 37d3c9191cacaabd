"""How long a displacement relief of a 4K picture takes to build in Blender, and to be evaluated.

The bar: 4K within 5 seconds. Needs the bpy module; the depth is predicted first and not counted.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "examples" / "space-4k.png"


def main() -> int:
    try:
        import bpy
    except ImportError:
        print("Not run: this Python has no bpy.", file=sys.stderr)
        return 2
    sys.path.insert(0, str(ROOT))
    import illustrators_depth_addon as addon
    from illustrators_depth import predict_depth
    from illustrators_depth.io.read_image import read_image

    addon.register()
    try:
        measure(bpy, read_image(PICTURE), predict_depth(PICTURE))
    finally:
        addon.unregister()  # classes left registered hang or crash the module at exit
    return 0


def measure(bpy, picture, depth) -> None:
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
        made = time.perf_counter()
        bpy.context.view_layer.update()
        done = time.perf_counter()
        item = next(o for o in built.objects if o.type == "MESH")
        kind = "adaptive" if adaptive else "a vertex per pixel, at most 4 million"
        print(
            f"{picture.width}x{picture.height} {kind}: {len(item.data.vertices)} vertices, "
            f"{made - start:.1f} s to build, {done - made:.1f} s to evaluate",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
