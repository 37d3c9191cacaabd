"""3D objects between two layers: in space and in the compositor, occlusion checked per pixel."""

from __future__ import annotations

import bmesh
import numpy as np
import pytest

from illustrators_depth_addon.scene.objects.build_collection import layer_objects
from tests.addon.built import layer_objects_of

bpy = pytest.importorskip("bpy")

MAGENTA = np.array([1.0, 0.0, 1.0])


@pytest.fixture
def block(scene):
    """A thick, shining magenta box, selected, far off its place."""
    mesh = bpy.data.meshes.new("block")
    shape = bmesh.new()
    bmesh.ops.create_cube(shape, size=1.0)
    shape.to_mesh(mesh)
    shape.free()
    made = bpy.data.materials.new("block")
    if made.node_tree is None:
        made.use_nodes = True
    made.node_tree.nodes.clear()
    light = made.node_tree.nodes.new("ShaderNodeEmission")
    light.inputs["Color"].default_value = (*MAGENTA, 1.0)
    output = made.node_tree.nodes.new("ShaderNodeOutputMaterial")
    made.node_tree.links.new(light.outputs[0], output.inputs["Surface"])
    mesh.materials.append(made)
    item = bpy.data.objects.new("block", mesh)
    item.scale = (1.0, 0.35, 0.9)
    item.location = (0.05, 7.0, 0.02)
    scene.collection.objects.link(item)
    item.select_set(True)
    return item


def pick(*items) -> None:
    """Select these alone: a build has selected itself."""
    for item in bpy.context.view_layer.objects:
        item.select_set(item in items)


def covers(image: np.ndarray, color: np.ndarray) -> np.ndarray:
    # Wide enough for a trace of light from the next pixel, which sRGB makes much of.
    return np.abs(image[..., :3] - color).max(axis=2) < 0.1


def silhouette(scene, render, collection, block) -> np.ndarray:
    """Where the box alone is seen: what it would cover with no layer above it."""
    for item in collection.objects:
        item.hide_render = item.type == "MESH"
    alone = covers(render(samples=8), MAGENTA)
    for item in collection.objects:
        item.hide_render = False
    return alone


def check(shown, alone, stack, below, picture) -> None:
    """The box covers exactly its outline less what the layers above cover."""
    above = np.zeros(alone.shape, bool)
    rim = np.zeros(alone.shape, bool)
    for layer in stack.layers[below:]:
        above |= layer.rgba[..., 3] > 0.999
        rim |= (layer.rgba[..., 3] > 0.0) & (layer.rgba[..., 3] <= 0.999)
    # Within a pixel of an edge the render is a blend of both sides.
    for mask in (above, alone):
        rim |= ~_shrunk(mask) & ~_shrunk(~mask)
    seen = covers(shown, MAGENTA)
    sure = ~rim
    assert (alone & ~above & sure).sum() > 500
    if below < len(stack):
        assert (alone & above & sure).sum() > 50, "nothing to cover: the test would be idle"
    np.testing.assert_array_equal(seen[sure], (alone & ~above)[sure])
    kept = sure & ~alone
    assert np.abs(shown[..., :3] - picture[..., :3]).max(axis=2)[kept].mean() < 0.01


def _shrunk(mask: np.ndarray) -> np.ndarray:
    import cv2

    return cv2.erode(mask.astype(np.uint8), np.ones((5, 5)), borderValue=1).astype(bool)


@pytest.mark.parametrize("below", [1, 2, 3, 4])
def test_among_planes(predicted, scene, render, addon, block, below):
    bpy.ops.illdepth.build_planes(image=predicted.name, shader="SHADELESS")
    pick(block)
    planes = bpy.data.collections["hill planes"]
    stack = addon.session.SESSION.layers.load(predicted)
    assert bpy.ops.illdepth.place_between(image=predicted.name, layer=below) == {"FINISHED"}
    alone = silhouette(scene, render, planes, block)
    picture = addon.scene.images.pixels.read_pixels(predicted)
    check(render(samples=8), alone, stack, below, picture)


def test_the_room_grows_and_the_framing_stays(predicted, scene, addon, block):
    bpy.ops.illdepth.build_planes(image=predicted.name)
    pick(block)
    planes = bpy.data.collections["hill planes"]
    bpy.ops.illdepth.place_between(image=predicted.name, layer=2)
    low, high = addon.scene.between.free_room(planes, 2)
    thick = 0.35
    assert high - low == pytest.approx(1.2 * thick, rel=0.02)
    # -Y is towards the viewer: the box lies inside, its place in x and z untouched.
    assert low < -(block.location.y + thick / 2)
    assert -(block.location.y - thick / 2) < high
    assert (block.location.x, block.location.z) == pytest.approx((0.05, 0.02), abs=1e-5)
    distance = planes.objects[0]["distance"]
    for item in layer_objects(planes):
        away = item.matrix_world.translation.y
        assert item.matrix_world.to_scale()[0] == pytest.approx(1.0 + away / distance)


def test_among_stacked_layers(predicted, scene, addon, block):
    bpy.ops.illdepth.build_layers(image=predicted.name)
    pick(block)
    layers = bpy.data.collections["hill layers"]
    bpy.ops.illdepth.place_between(image=predicted.name, layer=2)
    bpy.context.view_layer.update()
    low, high = addon.scene.between.free_room(layers, 2)
    assert low < block.location.z - 0.45
    assert block.location.z + 0.45 < high
    under, over = (layer_objects(layers)[i] for i in (1, 2))
    assert under.matrix_world.translation.z < block.location.z < over.matrix_world.translation.z
    # Another gap stays what it was.
    low, high = addon.scene.between.free_room(layers, 1)
    assert high - low < 0.01


def test_behind_all_and_in_front_of_all(predicted, addon, block):
    bpy.ops.illdepth.build_layers(image=predicted.name)
    pick(block)
    items = layer_objects(bpy.data.collections["hill layers"])
    bpy.ops.illdepth.place_between(image=predicted.name, layer=0)
    assert block.location.z + 0.45 < items[0].matrix_world.translation.z
    bpy.ops.illdepth.place_between(image=predicted.name, layer=len(items))
    assert block.location.z - 0.45 > items[-1].matrix_world.translation.z


def test_children_move_with_their_parents(predicted, scene, block):
    child = bpy.data.objects.new("child", bpy.data.meshes.new("child"))
    child.parent, child.location = block, (0.0, 0.0, 0.5)
    scene.collection.objects.link(child)
    child.select_set(True)
    bpy.context.view_layer.update()
    before = child.matrix_world.translation - block.matrix_world.translation
    bpy.ops.illdepth.build_layers(image=predicted.name)
    pick(block, child)
    bpy.ops.illdepth.place_between(image=predicted.name, layer=1)
    after = child.matrix_world.translation - block.matrix_world.translation
    np.testing.assert_allclose(after, before, atol=1e-5)


@pytest.mark.parametrize("below", [1, 3])
def test_in_the_compositor(predicted, scene, render, addon, block, below):
    """The render of the box, laid between the layers, is covered by those above the slot."""
    stack = addon.session.SESSION.layers.load(predicted)
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.location, camera.rotation_euler = (0.0, -2.0, 0.0), (np.pi / 2, 0.0, 0.0)
    scene.collection.objects.link(camera)
    scene.camera = camera
    block.location.y = 0.0
    bpy.ops.illdepth.build_compositor(image=predicted.name)
    bpy.ops.illdepth.insert_render(image=predicted.name, layer=below)
    shown = render(samples=8)
    node = addon.scene.compositor.build.group_nodes(
        scene, addon.scene.compositor.build.find_compositor(predicted)
    )[0]
    _, slot = addon.scene.compositor.interface.insert_sockets(node)[0]
    slot.default_value = len(stack)
    alone = covers(render(samples=8), MAGENTA)
    picture = addon.scene.images.pixels.read_pixels(predicted)
    check(shown, alone, stack, below, picture)
    slot.default_value = below
    scene.render.resolution_percentage = 50
    half = render(samples=8)
    assert half.shape[:2] == (60, 80)
    small = shown.reshape(60, 2, 80, 2, 4).mean(axis=(1, 3))
    off = np.abs(half - small).max(axis=2) > 0.1
    assert off.mean() < 0.06, "edges only"


def test_two_slots_hold_different_objects(predicted, scene, addon, block):
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    other = block.copy()
    scene.collection.objects.link(other)
    other.select_set(False)
    bpy.ops.illdepth.build_planes(image=predicted.name, camera=False)
    pick(block)
    bpy.ops.illdepth.insert_render(image=predicted.name, layer=1)
    block.select_set(False)
    other.select_set(True)
    bpy.ops.illdepth.insert_render(image=predicted.name, layer=3)
    for name, shown in (("hill slot 1", block), ("hill slot 3", other)):
        seen = set(scene.view_layers[name].objects)
        assert shown in seen
        assert {block, other} - seen == {block, other} - {shown}
        assert not any(o.illdepth.layer >= 0 for o in seen)
    group = addon.scene.compositor.build.find_compositor(predicted)
    node = addon.scene.compositor.build.group_nodes(scene, group)[0]
    slots = [s.default_value for _, s in addon.scene.compositor.interface.insert_sockets(node)]
    assert sorted(slots) == [1, 3]


def test_mistakes_are_one_sentence(predicted, scene, block):
    with pytest.raises(RuntimeError, match="no layers or planes"):
        bpy.ops.illdepth.place_between(image=predicted.name)
    bpy.ops.illdepth.build_planes(image=predicted.name, camera=False)
    pick(block)
    with pytest.raises(RuntimeError, match="0 to 4"):
        bpy.ops.illdepth.place_between(image=predicted.name, layer=9)
    with pytest.raises(RuntimeError, match="no camera"):
        bpy.ops.illdepth.insert_render(image=predicted.name)
    block.select_set(False)
    with pytest.raises(RuntimeError, match="Nothing to place"):
        bpy.ops.illdepth.place_between(image=predicted.name)
    bpy.ops.illdepth.layer_show(image=predicted.name, action="HIDE_ALL")
    block.select_set(True)
    with pytest.raises(RuntimeError, match="has no layers to place anything between"):
        bpy.ops.illdepth.place_between(image=predicted.name, layer=0)


@pytest.fixture
def camera(scene):
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    return camera


def test_an_object_is_in_one_slot_only(predicted, scene, addon, block, camera):
    """Also one in a collection of the user's, where everything is in Blender's first file."""
    own = bpy.data.collections.new("Collection")
    scene.collection.children.link(own)
    scene.collection.objects.unlink(block)
    own.objects.link(block)
    sun = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
    own.objects.link(sun)
    other = block.copy()
    own.objects.link(other)
    for item, below in ((block, 1), (other, 3), (block, 2)):
        bpy.ops.object.select_all(action="DESELECT")
        item.select_set(True)
        bpy.ops.illdepth.insert_render(image=predicted.name, layer=below)
        item.select_set(False)
    node = addon.scene.compositor.build.group_nodes(
        scene, addon.scene.compositor.build.find_compositor(predicted)
    )[0]
    linked = [
        slot.default_value
        for picture, slot in addon.scene.compositor.interface.insert_sockets(node)
        if picture.is_linked
    ]
    assert sorted(linked) == [2, 3]
    assert "hill slot 1" not in bpy.data.collections and "hill slot 1" not in scene.view_layers
    bpy.ops.illdepth.build_planes(image=predicted.name)  # a build made later is left out as well
    pick(block)
    for below, shown in ((2, block), (3, other)):
        view = scene.view_layers[f"hill slot {below}"]
        view.update()
        assert {o.name for o in view.objects if o.type in ("MESH", "LIGHT")} == {shown.name, "Sun"}


def test_what_we_built_is_not_inserted(predicted, scene, addon, block, camera):
    scene.illdepth.image = predicted
    bpy.ops.illdepth.build_layers()
    pick(block)
    made = layer_objects_of(predicted, "LAYERS")
    made[0].select_set(True)
    with pytest.raises(RuntimeError, match="select objects of your own"):
        bpy.ops.illdepth.insert_render(image=predicted.name)


def test_a_long_name_of_wide_letters_is_one_view_layer_per_slot(image, scene, block, camera):
    """Names end after so many bytes, sooner for view layers than for collections."""
    image.name = "日本語の絵" * 6
    bpy.ops.illdepth.predict(image=image.name)
    other = bpy.data.objects.new("other", block.data)
    scene.collection.objects.link(other)
    for item, below in ((block, 1), (other, 2)):
        for x in (block, other):
            x.select_set(x == item)
        bpy.ops.illdepth.insert_render(image=image.name, layer=below)
    _, first, second = scene.view_layers
    slots = [first.name, second.name]
    assert [c.name for c in scene.collection.children if c.name in slots] == slots
    assert first.layer_collection.children[second.name].exclude
    assert second.layer_collection.children[first.name].exclude
