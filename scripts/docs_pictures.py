"""The rendered pictures of README and docs: hero, gallery, parallax, pop-up card, compositor.

    .venv/bin/python scripts/docs_pictures.py [NAME ...] [--out DIR]

Writes OUT/NAME.jpg from examples/, with Blender's Python module and today's network; look at each
before it is committed. Pictures of panels come from scripts/panel_screenshots.py.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import cv2
import numpy as np
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the add-on is run from the checkout, not installed
sys.path.insert(0, str(ROOT / "scripts"))

# ruff: noqa: E402 - what follows comes from the checkout
from make_relief import sheet_spacing

import illustrators_depth_addon as addon
from illustrators_depth import DecomposeSettings, ReliefSettings
from illustrators_depth.io.pictures.read_image import read_image
from illustrators_depth_addon import api
from illustrators_depth_addon.scene.framing import select_only
from illustrators_depth_addon.scene.objects.build_collection import build_root_of, layer_objects
from illustrators_depth_addon.scene.planes.parallax import rig_camera
from illustrators_depth_addon.scene.render import still, studio
from illustrators_depth_addon.settings.scene import apply_settings
from illustrators_depth_addon.suppress_output import suppress_output

Picture = NDArray[np.uint8]
"""BGR, row 0 at the top, as OpenCV has it."""

EXAMPLES = ROOT / "examples"
HERO = EXAMPLES / "valley.png"
GALLERY = (
    "parrot.png",
    "autumn.png",
    "beach-trip.png",
    "goldfish.png",
    "reef.png",
    "space-4k.png",
    "portrait.webp",
    "balloons-photo.jpg",
    "sunflower-canvas.jpg",
)
# Points of the hero's balloon: shares of width and height, from the top left.
BALLOON = ((0.34, 0.23), (0.29, 0.2), (0.38, 0.2))
JPEG_QUALITY = 86
TILE = (480, 360)


def predicted(path: Path, layers: int = 0) -> tuple[Any, api.Prediction]:
    """A fresh scene, and a picture in it with depth and layers by the network; 0 is automatic."""
    scene = api.empty_file()
    apply_settings(scene, layers=DecomposeSettings(layers=layers))
    return scene, api.predict(scene, read_image(path))


def render(scene: Any, size: tuple[int, int], samples: int = 24) -> Picture:
    """The view of the scene's camera."""
    options = still.RenderOptions(*size, samples=samples, seconds=0.0)
    still.set_up_render(scene, options)
    scene.render.use_compositing = False
    return saved_render(scene)


def saved_render(scene: Any) -> Picture:
    """What the scene renders as it is set up."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "still.png"
        still.render_still(scene, path)
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture.astype(np.uint8)


def paper_cut(path: Path, size: tuple[int, int]) -> Picture:
    """A picture's stacked layers in the studio, as `make relief` photographs them."""
    scene, prediction = predicted(path)
    thickness_mm, gap_mm = sheet_spacing(len(prediction.stack), 200.0)
    apply_settings(scene, relief=ReliefSettings(thickness_mm=thickness_mm, gap_mm=gap_mm))
    (layers,) = api.build(scene, prediction.image, ["layers"])
    studio.build_studio(scene, [o for o in layers.all_objects if o.type == "MESH"])
    return render(scene, size)


def hero() -> Picture:
    """The example that `make relief` takes by default."""
    return paper_cut(HERO, (1280, 960))


def gallery() -> Picture:
    """Nine other examples, three by three."""
    tiles = [paper_cut(EXAMPLES / name, TILE) for name in GALLERY]
    return np.vstack([np.hstack(tiles[row : row + 3]) for row in (0, 3, 6)])


def add_camera(
    scene: Any, place: tuple[float, float, float], target: Vector, lens_mm: float
) -> Any:
    """A camera that looks at a point, as the scene's."""
    data = bpy.data.cameras.new("Viewer")
    data.lens = lens_mm
    camera: Any = bpy.data.objects.new("Viewer", data)
    camera.location = place
    camera.rotation_euler = (target - camera.location).to_track_quat("-Z", "Y").to_euler()
    scene.collection.objects.link(camera)
    scene.camera = camera
    return camera


def set_background(scene: Any, level: float, strength: float) -> None:
    """A grey world that lights the scene from everywhere."""
    world = bpy.data.worlds.new("Background")
    if world.node_tree is None:
        world.use_nodes = True
    background: Any = next(n for n in world.node_tree.nodes if n.type == "BACKGROUND")  # type: ignore[union-attr]
    background.inputs["Color"].default_value = (level, level, level, 1.0)
    background.inputs["Strength"].default_value = strength
    scene.world = world


def popup_card() -> Picture:
    """The open card of ten layers, seen from the left and from above."""
    scene, prediction = predicted(HERO, 10)
    bpy.ops.illdepth.build_popup_card(image=prediction.image.name)  # type: ignore[attr-defined]
    set_background(scene, 0.75, 0.55)
    light: Any = bpy.data.lights.new("Key", "AREA")
    light.size, light.energy = 2.0, 110.0
    lamp = bpy.data.objects.new("Key", light)
    lamp.location = (-1.4, -2.6, 2.6)
    lamp.rotation_euler = (
        (Vector((0.0, 0.0, 0.4)) - lamp.location).to_track_quat("-Z", "Y").to_euler()
    )
    scene.collection.objects.link(lamp)
    add_camera(scene, (-1.35, -3.3, 1.25), Vector((0.05, -0.35, 0.36)), 58.0)
    return render(scene, (640, 480), samples=48)


def parallax() -> Picture:
    """Planes and their camera from the side, and the two ends of the sway."""
    scene, prediction = predicted(HERO)
    name = prediction.image.name
    operators: Any = bpy.ops.illdepth  # type: ignore[attr-defined]
    operators.build_planes(image=name, shader="SHADELESS")
    operators.animate_parallax(image=name, motion="SWAY")
    collection = bpy.data.collections[f"{HERO.stem} planes"]
    camera: Any = rig_camera(collection)
    frames = []
    for share in (0.0, 0.5):
        scene.camera = camera
        scene.frame_set(round(scene.frame_start + share * (scene.frame_end - scene.frame_start)))
        frames.append(render(scene, TILE))
    gap = np.full((TILE[1], 6, 3), 255, np.uint8)
    return np.hstack([_side_view(scene, collection, camera), gap, frames[0], gap, frames[1]])


def _side_view(scene: Any, collection: Any, camera: Any) -> Picture:
    """The planes and the camera's frustum from the side, on white."""
    root: Any = build_root_of(collection)
    planes = layer_objects(collection)
    set_background(scene, 1.0, 1.0)
    scene.frame_set(scene.frame_start)
    tip, farthest = camera.matrix_world.translation, planes[0].matrix_world.translation
    middle = (tip + farthest) / 2.0
    away = Vector((1.4, -1.15, 0.65)) * (farthest - tip).length
    viewer = add_camera(scene, tuple(middle + away), middle, 50.0)
    picture = render(scene, TILE)
    corners = [camera.matrix_world @ Vector(c) for c in _frustum(camera, root)]

    def pixel(point: Vector) -> tuple[int, int]:
        place = world_to_camera_view(scene, viewer, point)
        return round(place.x * TILE[0]), round((1.0 - place.y) * TILE[1])

    for index, corner in enumerate(corners):
        for end in (tip, corners[index - 1]):
            cv2.line(picture, pixel(corner), pixel(end), (90, 90, 90), 1, cv2.LINE_AA)
    return picture


def _frustum(camera: Any, root: Any) -> list[tuple[float, float, float]]:
    """Corners of the camera's frame at the root's distance, in its own space."""
    distance = float(root["distance"])
    data = camera.data
    x = distance * data.sensor_width / data.lens / 2.0
    y = x * TILE[1] / TILE[0]
    return [(-x, -y, -distance), (x, -y, -distance), (x, y, -distance), (-x, y, -distance)]


def compositor() -> Picture:
    """A ring between the layers: in front of the sky, behind the balloon."""
    scene, prediction = predicted(HERO)
    stack = prediction.stack
    add_camera(scene, (0.0, -6.0, 0.0), Vector(), 50.0)
    set_background(scene, 1.0, 0.6)
    bpy.ops.object.light_add(type="SUN", rotation=(0.6, 0.3, 0.0))
    bpy.ops.mesh.primitive_torus_add(
        location=(-0.7, 0.0, 0.84), rotation=(math.radians(24), 0.3, 0.0), major_radius=0.95,
        minor_radius=0.12, major_segments=128, minor_segments=48,
    )  # fmt: skip
    ring: Any = bpy.context.object
    for polygon in ring.data.polygons:
        polygon.use_smooth = True
    material = bpy.data.materials.new("Ring")
    if material.node_tree is None:
        material.use_nodes = True
    surface: Any = material.node_tree.nodes["Principled BSDF"]  # type: ignore[union-attr]
    surface.inputs["Base Color"].default_value = (0.9, 0.75, 0.1, 1.0)
    surface.inputs["Roughness"].default_value = 0.15
    ring.data.materials.append(material)
    select_only({ring})
    in_front = [stack.labels[int(y * stack.height), int(x * stack.width)] for x, y in BALLOON]
    name, below = prediction.image.name, int(min(in_front))
    bpy.ops.illdepth.insert_render(image=name, layer=below)  # type: ignore[attr-defined]
    scene.render.engine, scene.cycles.device, scene.cycles.samples = "CYCLES", "CPU", 24
    scene.render.image_settings.color_mode = "RGB"
    scene.render.resolution_percentage = 50  # of the picture's 1600 x 1200
    return saved_render(scene)


PICTURES: dict[str, Callable[[], Picture]] = {
    "hero": hero,
    "gallery": gallery,
    "parallax": parallax,
    "popup-card": popup_card,
    "compositor": compositor,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: {', '.join(PICTURES)}")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    options = parser.parse_args()
    unknown = set(options.names) - set(PICTURES)
    if unknown:
        print(f"Error: there is no picture called {min(unknown)!r}.", file=sys.stderr)
        return 2
    options.out.mkdir(parents=True, exist_ok=True)
    addon.register()
    try:
        for name in options.names or PICTURES:
            with suppress_output():
                picture = PICTURES[name]()
            path = options.out / f"{name}.jpg"
            cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
            print(f"{path}  {path.stat().st_size / 1e3:.0f} kB", flush=True)
    finally:
        addon.unregister()  # classes registered at exit hang or crash the bpy module
    return 0


if __name__ == "__main__":
    sys.exit(main())
