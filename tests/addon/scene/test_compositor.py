"""The compositor group: the picture to the last bit, controls, slots, rebuilding in place."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from illustrators_depth.editing import hide, rename
from illustrators_depth.layering.compositing.composite import lay_over, straight

bpy = pytest.importorskip("bpy")

BIT = 1.5 / 255.0  # the render rounds once, layers premultiplied in 8 bits once more


@pytest.fixture
def group(predicted, addon):
    assert bpy.ops.illdepth.build_compositor(image=predicted.name) == {"FINISHED"}
    return addon.scene.compositor.build.find_compositor(predicted)


@pytest.fixture
def node(group, scene, addon):
    return addon.scene.compositor.build.group_nodes(scene, group)[0]


@pytest.fixture
def stack(predicted, addon):
    return addon.session.SESSION.layers.load(predicted)


def laid(stack, skip=(), opacity=None) -> np.ndarray:
    """Layers over each other in sRGB, premultiplied, as the reference."""
    canvas = np.zeros((stack.height, stack.width, 4), np.float32)
    for i, layer in enumerate(stack):
        if i in skip:
            continue
        alone = np.zeros_like(canvas)
        lay_over(alone, layer)
        alone *= (opacity or {}).get(i, 1.0)
        canvas = alone + canvas * (1.0 - alone[..., 3:])
    return canvas


def test_it_renders_the_picture_without_a_camera(node, predicted, scene, render, addon, stack):
    assert scene.camera is None
    shown = render()
    picture = addon.scene.images.pixels.read_pixels(predicted)
    assert np.abs(shown - straight(laid(stack))).max() <= BIT
    off = np.abs(shown - picture).max(axis=2) > BIT
    assert off.mean() < 0.02, "more than the decomposition itself leaves at edges"


def test_it_renders_the_same_in_a_reopened_file(node, render, stack, tmp_path):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    shown = render()
    assert np.abs(shown - straight(laid(stack))).max() <= BIT


def test_show_and_opacity(node, stack, render, addon):
    control = addon.scene.compositor.interface.control
    control(node, stack.layers[3].name, "Show").default_value = False
    control(node, stack.layers[1].name, "Opacity").default_value = 0.25
    shown = render()
    wanted = laid(stack, skip={3}, opacity={1: 0.25})
    assert np.abs(shown - straight(wanted)).max() <= BIT


def test_the_eye_switches_a_layer_off_and_on(node, stack, predicted, addon):
    name = stack.layers[2].name
    show = addon.scene.compositor.interface.control(node, name, "Show")
    for wanted in (0.0, 1.0):
        shown = bpy.ops.illdepth.compositor_show(image=predicted.name, layer=name)
        assert shown == {"FINISHED"}
        assert show.default_value == wanted
    with pytest.raises(RuntimeError, match="no layer 'nobody'"):
        bpy.ops.illdepth.compositor_show(image=predicted.name, layer="nobody")


def test_eyes_go_by_identity_where_layers_share_a_name(node, stack, predicted, scene, addon):
    items = predicted.illdepth.layers
    items[1].name = items[2].name = "twin"
    controls = addon.scene.compositor.interface.layer_controls
    known = {uid: sockets for uid, _, sockets in controls(node)}
    assert set(known) == {x.uid for x in stack}
    bpy.ops.illdepth.compositor_show(image=predicted.name, uid=items[2].uid)
    shown = {uid: sockets["Show"].default_value > 0.5 for uid, _, sockets in controls(node)}
    assert shown == {x.uid: x.uid != items[2].uid for x in stack}


def test_moving_a_layer_moves_whole_pixels(node, stack, render, addon):
    top = stack.layers[-1]
    control = addon.scene.compositor.interface.control
    control(node, top.name, "X").default_value = 7
    control(node, top.name, "Y").default_value = 5  # up
    shown = render()
    canvas = laid(stack, skip={len(stack) - 1})
    alone = np.zeros_like(canvas)
    lay_over(alone, top)
    alone = np.roll(alone, (-5, 7), axis=(0, 1))
    assert np.abs(shown - straight(alone + canvas * (1.0 - alone[..., 3:]))).max() <= BIT


def test_turning_is_about_the_layers_middle_and_blur_spreads(node, stack, render, addon):
    """The sun is round: half a turn changes only its rim; a blur keeps its sum."""
    control = addon.scene.compositor.interface.control
    sun = max(range(1, len(stack)), key=lambda i: stack.layers[i].depth)
    name = stack.layers[sun].name
    control(node, name, "Rotation").default_value = np.pi
    shown, still = render(), straight(laid(stack))
    assert (np.abs(shown - still).max(axis=2) > 0.02).mean() < 0.02
    control(node, name, "Rotation").default_value = 0.0
    control(node, name, "Blur").default_value = 6
    soft = render()
    changed = np.abs(soft - still).max(axis=2) > 0.02
    mask = stack.layers[sun].mask.astype(np.uint8)
    ring = cv2.dilate(mask, np.ones((15, 15))) - cv2.erode(mask, np.ones((15, 15)))
    assert changed.any()
    assert not changed[ring == 0].any(), "the blur reaches too far"
    assert changed[(ring > 0) & (mask == 0)].any(), "the blur stops at the layer's own rim"


@pytest.mark.parametrize("slot", [0, 1, 2, 3, 4])
def test_an_image_in_a_slot_covers_and_is_covered(node, stack, scene, render, addon, slot):
    """Per pixel: layers above the slot cover the image, the image covers the layers below."""
    image = np.zeros((stack.height, stack.width, 4), np.float32)
    image[20:110, 30:150] = np.array([1.0, 0.0, 1.0, 1.0])
    image[60:80, 30:150, 3] = 0.5
    made = addon.scene.images.packing.pack_rgba("magenta", image)
    tree = node.id_data
    shown = tree.nodes.new("CompositorNodeImage")
    shown.image = made
    picture, where = addon.scene.compositor.interface.insert_sockets(node)[0]
    tree.links.new(shown.outputs["Image"], picture)
    where.default_value = slot
    result = render()
    canvas = np.zeros((stack.height, stack.width, 4), np.float32)
    for i in range(len(stack) + 1):
        if i == slot:
            alpha = np.rint(image[..., 3:] * 255) / np.float32(255)
            alone = np.concatenate([image[..., :3] * alpha, alpha], axis=2)
            canvas = alone + canvas * (1 - alpha)
        if i < len(stack):
            lay_over(canvas, stack.layers[i])
    assert np.abs(result - straight(canvas)).max() <= BIT


def test_what_was_shown_before_is_inserted_beneath(predicted, scene, addon):
    nodes = addon.scene.compositor.nodes
    tree = nodes.scene_tree(scene)
    before = tree.nodes.new("CompositorNodeImage")
    before.image = predicted
    tree.links.new(before.outputs["Image"], nodes.output_socket(tree))
    bpy.ops.illdepth.build_compositor(image=predicted.name)
    group = addon.scene.compositor.build.find_compositor(predicted)
    node = addon.scene.compositor.build.group_nodes(scene, group)[0]
    picture, where = addon.scene.compositor.interface.insert_sockets(node)[0]
    assert picture.links[0].from_node == before
    assert where.default_value == 0


def test_rebuilding_keeps_controls_links_and_names(node, stack, predicted, scene, addon):
    control = addon.scene.compositor.interface.control
    kept = stack.layers[2]
    control(node, kept.name, "Opacity").default_value = 0.5
    _, where = addon.scene.compositor.interface.insert_sockets(node)[0]
    where.default_value = 2
    images = len(bpy.data.images)
    addon.editing.update_builds.update_builds(scene, predicted, rename(stack, 2, "renamed"))
    assert control(node, "renamed", "Opacity").default_value == 0.5
    with pytest.raises(KeyError):
        control(node, kept.name, "Opacity")
    bpy.ops.illdepth.build_compositor(image=predicted.name, inserts=2)
    assert len(addon.scene.compositor.interface.insert_sockets(node)) == 2
    assert addon.scene.compositor.interface.insert_sockets(node)[0][1].default_value == 2
    assert len(bpy.data.images) == images
    assert len(addon.scene.compositor.build.group_nodes(scene, node.node_tree)) == 1


def test_the_list_switches_layers_off_and_on(node, stack, predicted, scene, render, addon):
    control = addon.scene.compositor.interface.control
    hidden = hide(stack, 3)
    addon.editing.update_builds.update_builds(scene, predicted, hidden)
    assert not control(node, stack.layers[3].name, "Show").default_value
    assert np.abs(render() - straight(laid(stack, skip={3}))).max() <= BIT
    addon.editing.update_builds.update_builds(scene, predicted, stack)
    assert control(node, stack.layers[3].name, "Show").default_value


def test_layers_that_are_gone_leave_the_group(node, stack, predicted, scene, render, addon):
    scene.illdepth.layers = 2
    bpy.ops.illdepth.build_compositor(image=predicted.name)
    fewer = addon.session.SESSION.layers.load(predicted)
    assert len(fewer) == 2
    panels = [i.name for i in node.node_tree.interface.items_tree if i.item_type == "PANEL"]
    assert panels == [layer.name for layer in reversed(fewer.layers)]
    assert np.abs(render() - straight(laid(fewer))).max() <= BIT


def test_it_survives_saving(node, stack, scene, tmp_path, addon):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "layers.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "layers.blend"))
    image = bpy.data.images["hill.png"]
    again = addon.scene.compositor.build.find_compositor(image)
    assert again is not None
    sheets = [n.image for n in again.nodes if n.bl_idname == "CompositorNodeImage"]
    assert sum(image.packed_file is not None for image in sheets) == len(stack)
