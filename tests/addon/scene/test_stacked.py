"""Stacked layers: geometry, live thickness and gap, materials, rebuilding in place."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from illustrators_depth import ReliefSettings, relief
from illustrators_depth_addon.scene.objects.build_collection import layer_objects

bpy = pytest.importorskip("bpy")


@pytest.fixture
def built(predicted, addon):
    assert bpy.ops.illdepth.build_layers(image=predicted.name) == {"FINISHED"}
    return bpy.data.collections["hill layers"]


@pytest.fixture
def layers(built, addon):
    return layer_objects(built)


@pytest.fixture
def root(built):
    return next(o for o in built.objects if o.type == "EMPTY")


def points(item, evaluated: bool = True) -> np.ndarray:
    """World-space vertices as they are rendered."""
    graph = bpy.context.evaluated_depsgraph_get()
    placed = item.evaluated_get(graph) if evaluated else item
    mesh = placed.to_mesh()
    raw = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.attributes["position"].data.foreach_get("vector", raw)
    placed.to_mesh_clear()
    matrix = np.array(placed.matrix_world)
    return raw.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3]


def heights(items) -> list[tuple[float, float]]:
    bpy.context.view_layer.update()
    return [(float(p[:, 2].min()), float(p[:, 2].max())) for p in map(points, items)]


def test_one_named_object_and_material_per_layer(layers, predicted, addon):
    stack = addon.session.SESSION.layers.load(predicted)
    assert [o.illdepth.layer_name for o in layers] == [layer.name for layer in stack]
    assert [o.name for o in layers] == [f"hill: {layer.name}" for layer in stack]
    assert len({o.active_material.name for o in layers}) == len(stack)


def test_geometry_is_the_engines_at_ten_times_the_size(layers, predicted, addon):
    """100 mm are one unit; what is evaluated is the engine's closed slab, centred."""
    stack = addon.session.SESSION.layers.load(predicted)
    solids = relief(stack, ReliefSettings(fit="picture")).split()
    bpy.context.view_layer.update()
    for item, solid in zip(layers, solids, strict=True):
        wanted = solid.vertices / 100.0 - np.array([1.0, 0.75, 0.0])
        ours = points(item)
        assert len(ours) == len(wanted)
        order = [np.lexsort(np.round(p, 4).T) for p in (ours, wanted)]
        np.testing.assert_allclose(ours[order[0]], wanted[order[1]], atol=2e-4)


def test_slabs_are_closed(layers):
    graph = bpy.context.evaluated_depsgraph_get()
    for item in layers:
        mesh = item.evaluated_get(graph).to_mesh()
        corners = np.empty(len(mesh.loops), np.int32)
        mesh.attributes[".corner_edge"].data.foreach_get("value", corners)
        assert (np.bincount(corners) == 2).all(), item.name
        item.evaluated_get(graph).to_mesh_clear()


def test_thickness_and_gap_are_live(layers, root):
    before = heights(layers)
    for (_, top), (bottom, _) in itertools.pairwise(before):
        assert bottom - top == pytest.approx(0.002, abs=1e-5)
    root["thickness"] = 0.3
    root.update_tag()
    raised = heights(layers)
    assert [top - bottom for bottom, top in raised] == pytest.approx([0.3] * len(raised), abs=1e-5)
    for (_, top), (bottom, _) in itertools.pairwise(raised):
        assert bottom - top == pytest.approx(0.002, abs=1e-5)
    root["gap"] = 0.1
    root.update_tag()
    apart = heights(layers)
    for (_, top), (bottom, _) in itertools.pairwise(apart):
        assert bottom - top == pytest.approx(0.1, abs=1e-5)


def test_the_users_own_height_is_added_to_the_stack(layers):
    base = heights(layers)[1][0]
    layers[1].location.z = 0.5
    assert heights(layers)[1][0] == pytest.approx(base + 0.5, abs=1e-5)


def test_no_driver_needs_python(layers):
    for item in layers:
        assert all(c.driver.is_simple_expression for c in item.animation_data.drivers)
        assert all(c.is_valid for c in item.animation_data.drivers)
    assert {len(item.animation_data.drivers) for item in layers[1:]} == {2}


def test_keyframes_on_the_spacing_move_the_layers(layers, root, scene):
    """Of the whole stack on its root, of one layer on its own object."""
    for name, frame, value in (
        ("thickness", 1, 0.02),
        ("thickness", 11, 0.06),
        ("gap", 1, 0.0),
        ("gap", 11, 0.05),
    ):
        root[name] = value
        root.keyframe_insert(f'["{name}"]', frame=frame)
    scene.frame_set(1)
    flat = heights(layers)
    scene.frame_set(11)
    high = heights(layers)
    assert flat[-1][0] == pytest.approx(0.02 * (len(layers) - 1), abs=1e-5)
    assert high[-1][0] == pytest.approx(0.11 * (len(layers) - 1), abs=1e-5)
    assert high[-1][1] - high[-1][0] == pytest.approx(0.06, abs=1e-5)


def test_keyframes_on_one_layers_own_spacing_move_those_above(layers, predicted, scene):
    line = predicted.illdepth.layers[1]
    line.own_thickness, line.own_gap = True, True
    item = layers[1]
    for name, low, high in (("thickness", 0.02, 0.5), ("gap", 0.0, 0.25)):
        for frame, value in ((1, low), (11, high)):
            item[name] = value
            item.keyframe_insert(f'["{name}"]', frame=frame)
    scene.frame_set(1)
    before = heights(layers)
    for frame, share in ((6, 0.5), (11, 1.0)):
        scene.frame_set(frame)
        after = heights(layers)
        assert after[0] == pytest.approx(before[0])
        assert after[1][0] - before[1][0] == pytest.approx(share * 0.25, abs=1e-4)
        assert after[2][0] - before[2][0] == pytest.approx(share * (0.25 + 0.48), abs=1e-4)


def test_rebuilding_keeps_what_the_user_did(layers, built, predicted, scene, addon):
    names = [o.name for o in layers]
    kept = layers[1]
    kept.location = (0.1, 0.2, 0.3)
    kept.driver_remove('modifiers["Thickness"].thickness')
    kept.modifiers["Thickness"].thickness = 0.123
    kept.modifiers.new("Mine", "BEVEL")
    kept.active_material.node_tree.nodes["Principled BSDF"].inputs["Roughness"].default_value = 0.1
    scene.illdepth.completion = "none"  # other masks, same layers
    bpy.ops.illdepth.build_layers(image=predicted.name)
    again = layer_objects(built)
    assert [o.name for o in again] == names
    assert tuple(again[1].location) == pytest.approx((0.1, 0.2, 0.3))
    assert again[1].modifiers["Thickness"].thickness == pytest.approx(0.123)
    assert "Mine" in again[1].modifiers
    node = again[1].active_material.node_tree.nodes["Principled BSDF"]
    assert node.inputs["Roughness"].default_value == pytest.approx(0.1)
    assert len([c for c in bpy.data.collections if c.illdepth.kind == "LAYERS"]) == 1


def test_fewer_layers_remove_objects(layers, built, predicted, scene, addon):
    scene.illdepth.layers = 2
    bpy.ops.illdepth.build_layers(image=predicted.name)
    assert len(layer_objects(built)) == 2
    for _, top in heights(layer_objects(built)):
        assert top < 0.1


def test_copies_that_the_user_made_are_left_alone(layers, built, predicted, scene, addon, root):
    """Shift D: the copy used to be removed by the next slider, and to lift the stack."""
    theirs = layers[1].copy()
    theirs.data = layers[1].data.copy()
    theirs.location.x = 3.0
    built.objects.link(theirs)
    below = heights(layers)
    line = next(x for x in predicted.illdepth.layers if x.uid == layers[1].illdepth.layer_uid)
    line.own_gap = True  # stands all layers on each other anew
    line.own_gap = False
    np.testing.assert_allclose(heights(layers), below, atol=1e-6)
    for count in (1, 0, 2):
        scene.illdepth.layers = count
        bpy.ops.illdepth.build_layers(image=predicted.name)
        own = layer_objects(built)
        assert len(own) == len(addon.session.SESSION.layers.load(predicted))
        assert theirs in list(built.objects)
        assert theirs not in own
        assert tuple(theirs.location) == (3.0, 0.0, 0.0)


@pytest.mark.parametrize("build", ["planes", "popup_card"])
def test_copies_of_planes_are_left_alone(predicted, scene, addon, build):
    again = getattr(bpy.ops.illdepth, f"build_{build}")
    again(image=predicted.name)
    built = next(c for c in bpy.data.collections if c.illdepth.kind)
    theirs = layer_objects(built)[1].copy()
    built.objects.link(theirs)
    for count in (1, 0):
        scene.illdepth.layers = count
        bpy.ops.illdepth.update_layers(image=predicted.name)
        again(image=predicted.name)
        assert theirs in list(built.objects)
        assert theirs not in layer_objects(built)


def test_one_undo_step(predicted):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.illdepth.build_layers(image=predicted.name)
    bpy.ops.ed.undo_push(message="built")
    assert "hill layers" in bpy.data.collections
    bpy.ops.ed.undo()
    assert "hill layers" not in bpy.data.collections
    assert not bpy.data.objects
    bpy.ops.ed.redo()
    assert "hill layers" in bpy.data.collections


@pytest.mark.parametrize("shader", ["PRINCIPLED", "SHADELESS", "EMISSION"])
@pytest.mark.parametrize("textured", [True, False])
def test_every_material_kind(predicted, scene, shader, textured, addon):
    scene.illdepth.shader, scene.illdepth.textured = shader, textured
    bpy.ops.illdepth.build_layers(image=predicted.name)
    built = bpy.data.collections["hill layers"]
    for item in layer_objects(built):
        tree = item.active_material.node_tree
        output = next(n for n in tree.nodes if n.type == "OUTPUT_MATERIAL")
        assert output.inputs["Surface"].is_linked
        assert any(n.type == "TEX_IMAGE" for n in tree.nodes) is textured


def test_saved_and_reopened_without_the_picture(layers, predicted, tmp_path):
    wanted = heights(layers)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "layers.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "layers.blend"))
    from illustrators_depth_addon.scene.objects.build_collection import find_build, layer_objects

    image = bpy.data.images["hill.png"]
    items = layer_objects(find_build(image, "LAYERS"))
    np.testing.assert_allclose(heights(items), wanted, atol=1e-6)
    for item in items:
        assert item.active_material.node_tree.nodes["Picture"].image.packed_file is not None


@pytest.mark.parametrize("theirs", ["hill.png", "hill.png depth", "photo"])
def test_an_image_that_the_user_put_in_is_left_alone(layers, predicted, addon, theirs):
    from illustrators_depth_addon.scene.images.pixels import read_pixels

    image = bpy.data.images.get(theirs) or bpy.data.images.new(theirs, 8, 8)
    before = read_pixels(image)
    texture = layers[1].data.materials[0].node_tree.nodes["Picture"]
    sheet = texture.image
    texture.image = image
    bpy.ops.illdepth.build_compositor(image=predicted.name)
    group = addon.scene.compositor.build.find_compositor(predicted)
    shown = [
        n for n in group.nodes if n.bl_idname == "CompositorNodeImage" and "sheet" in n.image.name
    ]
    shown[1].image = image
    uid = predicted.illdepth.layers[1].uid
    addon.editing.layers.recolor(bpy.context.scene, predicted, uid, (1.0, 0.0, 1.0))
    np.testing.assert_array_equal(read_pixels(image), before)
    assert texture.image == image and sheet != image
    assert image in [n.image for n in group.nodes if n.bl_idname == "CompositorNodeImage"]


def test_objects_removed_a_moment_ago_do_not_trip_the_selection(layers, built, addon) -> None:
    """Blender lists them until it updates the view layer, which selecting makes it do."""
    framing = __import__(f"{addon.__name__}.scene.framing", fromlist=["select_build"])
    copies: list = []
    for _ in range(40):
        for copy in copies:
            bpy.data.objects.remove(copy)
        copies = [layer.copy() for layer in layers]
        for copy in copies:
            built.objects.link(copy)
        framing.select_build(built)
        assert all(item.select_get() for item in (*layers, *copies))
