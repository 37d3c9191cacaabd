"""Relief: our closed solids beside a plain grid displaced in Blender, from the same layers.

    python -m benchmarks relief_grid [--quick]

The grid is what tutorials do: a plane subdivided to the picture's resolution, moved by the depth.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..harness.measure import print_row, run_row, save_results, timed
from ..inputs.ellipses import ellipses

SOLIDS = ("stacked", "terraced", "heightfield")
GRID = "displaced grid (Blender)"


def _prepare(side: int, folder: str) -> None:
    """Picture, depth and layers, saved: the rows start from them."""
    from illustrators_depth.depth import predict_depth
    from illustrators_depth.io.depth_file import write_depth
    from illustrators_depth.io.stack_file import save_stack
    from illustrators_depth.layering import decompose

    image = ellipses(side, side)
    depth = predict_depth(image)
    write_depth(depth, Path(folder) / "depth.npy")
    save_stack(decompose(image, depth), Path(folder) / "stack.idl")
    print_row()


def _row(geometry: str, runs: int, folder: str) -> None:
    """Print one row: the cost of a kind of geometry, its size, and whether it is closed."""
    import trimesh

    from illustrators_depth.io.depth_file import read_depth
    from illustrators_depth.io.stack_file import load_stack

    depth, stack = read_depth(f"{folder}/depth.npy"), load_stack(f"{folder}/stack.idl")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if geometry in SOLIDS:
        from illustrators_depth.geometry import relief
        from illustrators_depth.settings import ReliefSettings

        settings = ReliefSettings(mode=geometry)
        cost = timed(lambda: relief(stack, settings, depth), runs)
        mesh = relief(stack, settings, depth)
        parts = mesh.split()
        vertices, triangles = len(mesh.vertices), len(mesh.faces)
    else:
        import numpy as np

        cost = timed(lambda: _grid(stack.discrete_depth()), runs)
        vertices_xyz, faces = _grid(stack.discrete_depth())
        parts = [_Part(np.asarray(vertices_xyz), np.asarray(faces))]
        vertices, triangles = len(vertices_xyz), len(faces)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    closed = all(trimesh.Trimesh(p.vertices, p.faces, process=False).is_watertight for p in parts)
    print_row(cost=cost, vertices=vertices, triangles=triangles, closed=closed,
           grown_mb=round(grown, 1))  # fmt: skip


@dataclass(frozen=True)
class _Part:
    """Vertices and faces under the names that a Mesh has them under."""

    vertices: Any
    faces: Any


def _grid(depth: Any) -> tuple[Any, Any]:
    """Blender's own grid and Displace modifier, evaluated and triangulated."""
    import bpy
    import numpy as np

    height, width = depth.shape
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=width - 1, y_subdivisions=height - 1, size=200)
    plane = bpy.context.object
    assert plane is not None
    picture = bpy.data.images.new("depth", width, height, float_buffer=True)
    picture.colorspace_settings.name = "Non-Color"
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., :3] = (depth[::-1] / max(float(depth.max()), 1.0))[..., None]
    picture.pixels.foreach_set(pixels.ravel())
    texture = bpy.data.textures.new("depth", "IMAGE")
    texture.image = picture
    texture.extension = "EXTEND"
    modifier = plane.modifiers.new("Displace", "DISPLACE")
    modifier.texture, modifier.texture_coords, modifier.mid_level = texture, "UV", 0.0
    modifier.strength = 6.0
    evaluated = plane.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = evaluated.to_mesh()
    mesh.calc_loop_triangles()
    vertices = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", vertices)
    faces = np.empty(3 * len(mesh.loop_triangles), np.int32)
    mesh.loop_triangles.foreach_get("vertices", faces)
    evaluated.to_mesh_clear()
    return vertices.reshape(-1, 3), faces.reshape(-1, 3)


def main() -> int:
    """Run every row in a process of its own; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a small picture, once")
    parser.add_argument("--row", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.row:
        task, number, folder = options.row
        if task == "prepare":
            _prepare(int(number), folder)
        else:
            _row(task, int(number), folder)
        return 0
    side = 128 if options.quick else 1024
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        run_row(__spec__.name, "prepare", side, folder)
        for geometry in (*SOLIDS, GRID):
            start = time.monotonic()
            row = run_row(__spec__.name, geometry, 1 if options.quick else 3, folder)
            rows.append({"what": geometry, "side": side, **row})
            summary = row.get("not run") or (
                f"{row['cost']['cpu']:.3f} s, {row['triangles']} triangles, "
                f"{'closed' if row['closed'] else 'open'}"
            )
            print(f"{geometry}: {summary} ({time.monotonic() - start:.0f} s)", flush=True)
    save_results("relief_grid", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
