"""What a first user sees after a build: it is selected, stands free, and the start cube is gone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

BUILDS = {
    "layers": "build_layers",
    "relief": "build_displacement",
    "planes": "build_planes",
    "card": "build_popup_card",
}


@pytest.fixture
def factory(addon: Any, picture_path: Any) -> Any:
    """The factory's start-up file with a picture predicted in it."""
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    scene = bpy.context.scene
    scene.illdepth.model = "heuristic"
    image = bpy.data.images.load(str(picture_path))
    bpy.ops.illdepth.predict(image=image.name)
    return scene


def box_of(items: Any) -> np.ndarray:
    bpy.context.view_layer.update()
    graph = bpy.context.evaluated_depsgraph_get()
    corners = []
    for item in items:
        shown = item.evaluated_get(graph)
        corners += [
            [sum(shown.matrix_world[i][j] * (*c, 1.0)[j] for j in range(4)) for i in range(3)]
            for c in shown.bound_box
        ]
    return np.array([np.min(corners, axis=0), np.max(corners, axis=0)])


def meshes(name: str) -> list[Any]:
    return [o for o in bpy.data.collections[f"hill {name}"].objects if o.type == "MESH"]


def overlap(one: np.ndarray, other: np.ndarray) -> bool:
    return bool((one[0] < other[1]).all() and (other[0] < one[1]).all())


@pytest.mark.parametrize("name", BUILDS)
def test_a_build_is_selected_and_its_root_is_active(factory, name):
    cube = bpy.data.objects["Cube"]
    assert cube.select_get()
    assert getattr(bpy.ops.illdepth, BUILDS[name])() == {"FINISHED"}
    built = bpy.data.collections[f"hill {name}"]
    selected = set(bpy.context.selected_objects)
    assert selected == {o for o in built.objects if o.type != "CAMERA"}
    assert bpy.context.view_layer.objects.active.type == "EMPTY"
    assert bpy.context.view_layer.objects.active.name in built.objects


def test_the_default_cube_alone_is_hidden_and_the_build_stands_at_the_origin(factory):
    bpy.ops.illdepth.build_layers()
    cube = bpy.data.objects["Cube"]
    assert not cube.visible_get()
    assert cube.hide_render
    box = box_of(meshes("layers"))
    np.testing.assert_allclose((box[0] + box[1])[:2], 0.0, atol=1e-3)


@pytest.mark.parametrize("change", ["moved", "renamed", "accompanied"])
def test_a_cube_of_the_users_stays_and_the_build_stands_beside_it(factory, change):
    cube = bpy.data.objects["Cube"]
    if change == "moved":
        cube.location.x = 0.25
    elif change == "renamed":
        cube.name = "House"
    else:
        bpy.ops.mesh.primitive_uv_sphere_add(location=(0, 5, 0))
    bpy.ops.illdepth.build_layers()
    assert cube.visible_get()
    assert not cube.hide_render
    assert not overlap(box_of([cube]), box_of(meshes("layers")))


def test_every_kind_of_build_stands_beside_the_others(factory):
    for operator in BUILDS.values():
        getattr(bpy.ops.illdepth, operator)()
    boxes = [box_of(meshes(name)) for name in BUILDS]
    for index, one in enumerate(boxes):
        assert not any(overlap(one, other) for other in boxes[:index])


def test_a_ground_plane_and_what_is_hidden_are_no_obstacles(factory):
    bpy.data.objects.remove(bpy.data.objects["Cube"])
    bpy.ops.mesh.primitive_plane_add(size=100.0, location=(0, 0, 0.01))
    bpy.ops.mesh.primitive_cube_add(location=(0, 0, 0))
    bpy.context.object.hide_set(True)
    bpy.ops.illdepth.build_layers()
    assert bpy.data.collections["hill layers"].objects["hill layers"].location.x == 0.0


def test_an_update_leaves_the_build_where_it_is(factory):
    bpy.ops.illdepth.build_layers()
    root = bpy.data.objects["hill layers"]
    root.location.x = 3.0
    bpy.ops.mesh.primitive_cube_add(location=(3, 0, 0))
    bpy.ops.illdepth.build_layers()
    assert root.location.x == 3.0


def test_planes_in_the_cameras_frame_stay_in_it(factory):
    bpy.ops.mesh.primitive_cube_add(size=20.0)
    bpy.ops.illdepth.build_planes(size_mode="CAMERA")
    root = bpy.data.objects["hill planes"]
    place = root.matrix_world.translation - bpy.context.scene.camera.matrix_world.translation
    ahead = bpy.context.scene.camera.matrix_world.to_3x3().col[2]
    assert place.normalized().dot(-ahead) == pytest.approx(1.0, abs=1e-4)
