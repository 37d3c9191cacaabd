"""A depth threshold: what the preview tints, and the edits made at it."""

from __future__ import annotations

import numpy as np
import pytest

from illustrators_depth import decompose
from illustrators_depth.errors import InputError
from illustrators_depth.types import DepthMap, Image

bpy = pytest.importorskip("bpy")


@pytest.fixture
def ramp() -> DepthMap:
    """Depth 10 at the left to 14 at the right."""
    return DepthMap(np.tile(np.linspace(10, 14, 9, dtype=np.float32), (4, 1)))


def test_near_pixels_and_the_threshold_in_depth_units(ramp):
    from illustrators_depth_addon.editing import threshold

    assert threshold.cut_depth(ramp, 0.25) == 11.0
    near = threshold.near_pixels(ramp, 0.5)
    assert near[:, 5:].all()  # 12 itself is not nearer than 12
    assert not near[:, :5].any()
    assert not threshold.near_pixels(ramp, 1.0).any()
    for wrong in (-0.1, 1.1):
        with pytest.raises(InputError, match="between 0 and 1"):
            threshold.near_pixels(ramp, wrong)


def test_the_tint_is_the_mask_upside_down_and_no_larger_than_asked():
    from illustrators_depth_addon.editing.threshold import tint_picture

    mask = np.zeros((4, 6), bool)
    mask[0, 1] = True
    picture = tint_picture(mask, (1.0, 0.5, 0.0, 0.6))
    assert picture.shape == (4, 6, 4)
    np.testing.assert_allclose(picture[3, 1], (1.0, 0.5, 0.0, 0.6))
    assert np.count_nonzero(picture[..., 3]) == 1
    small = tint_picture(np.ones((300, 200), bool), (0, 0, 1, 0.5), longest=30)
    assert small.shape == (30, 20, 4)
    np.testing.assert_allclose(small[..., 3], 0.5)


@pytest.fixture
def sloped(scene, addon):
    """A picture of one plain colour but for a square, whose depth runs from left to right; kept
    with an image as a prediction would be."""
    rgba = np.ones((40, 60, 4), np.float32)
    rgba[..., :3] = 0.8
    rgba[10:30, 35:55, :3] = (0.9, 0.1, 0.1)
    depth = np.tile(np.linspace(0, 1, 60, dtype=np.float32), (40, 1))
    depth[10:30, 35:55] = 3.0
    image = addon.scene.images.packing.image_from_engine(Image(rgba, "slope"))
    scene.illdepth.image = image
    kept = DepthMap(depth, "precomputed")
    addon.session.SESSION.depth.store(image, kept)
    stack = decompose(Image(rgba, "slope"), kept)
    assert len(stack) == 2
    addon.editing.layers.store_and_update(scene, image, stack)
    return image


def test_preview_of_pixels_and_of_layers(scene, sloped, addon):
    edit = scene.illdepth_edit
    edit.threshold = 0.2  # depth 0.6: within the ground's slope, below its median? no: above it
    edit.preview = "PIXELS"
    tint = addon.panels.threshold_overlay.preview_picture(sloped, edit)[::-1, :, 3] > 0
    columns = np.linspace(0, 1, 60) > 0.6
    assert (tint[0] == columns).all()
    assert tint[10:30, 35:55].all()
    edit.preview = "LAYERS"
    tint = addon.panels.threshold_overlay.preview_picture(sloped, edit)[::-1, :, 3] > 0
    wanted = np.zeros((40, 60), bool)
    wanted[10:30, 35:55] = True
    np.testing.assert_array_equal(tint, wanted)


def test_the_preview_follows_a_new_depth(scene, sloped, addon):
    scene.illdepth_edit.preview = "PIXELS"
    before = addon.panels.threshold_overlay.preview_picture(sloped, scene.illdepth_edit)
    flipped = addon.session.SESSION.depth.load(sloped)
    addon.session.SESSION.depth.store(sloped, DepthMap(flipped.values.max() + 1 - flipped.values))
    after = addon.panels.threshold_overlay.preview_picture(sloped, scene.illdepth_edit)
    assert not np.array_equal(before, after)


def test_the_depth_image_shows_the_preview_of_its_picture(sloped, addon):
    shown = addon.panels.threshold_overlay.shown_picture
    assert shown(sloped) == sloped
    assert shown(sloped.illdepth.depth) == sloped
    assert shown(None) is None


def test_no_draw_handler_in_the_background(addon):
    assert bpy.app.background
    assert addon.session.SESSION.overlay.handle is None


def test_split_at_threshold(scene, sloped, addon):
    bpy.ops.illdepth.build_layers()
    scene.illdepth_edit.threshold = 0.1
    assert bpy.ops.illdepth.split_at_threshold() == {"FINISHED"}
    stack = addon.session.SESSION.layers.load(sloped)
    assert len(stack) == 3  # the ground in two; the square lies on one side
    far, near = stack.layers[0], stack.layers[1]
    edge = 60 * 0.3
    assert abs(int(np.flatnonzero(far.visible.any(axis=0)).max()) - edge) <= 1
    assert abs(int(np.flatnonzero(near.visible.any(axis=0)).min()) - edge) <= 1
    assert len([o for o in bpy.data.objects if o.type == "MESH"]) == 3
    assert [line.name for line in sloped.illdepth.layers] == [x.name for x in stack]


def test_split_at_threshold_of_chosen_layers(scene, sloped, addon):
    sloped.illdepth.active_layer = 1
    with pytest.raises(RuntimeError, match="lies on one side of depth"):
        bpy.ops.illdepth.split_at_threshold(which="CHOSEN", threshold=0.1)
    sloped.illdepth.active_layer = 0
    assert bpy.ops.illdepth.split_at_threshold(which="CHOSEN", threshold=0.1) == {"FINISHED"}
    assert len(addon.session.SESSION.layers.load(sloped)) == 3


def test_locked_layers_are_left_alone(scene, sloped, addon):
    sloped.illdepth.layers[0].locked = True
    with pytest.raises(RuntimeError, match="no layer has a part on either side"):
        bpy.ops.illdepth.split_at_threshold(threshold=0.1)
    with pytest.raises(RuntimeError, match="is locked"):
        bpy.ops.illdepth.threshold_layers(threshold=0.5)


def test_foreground_and_background(scene, predicted, addon):
    depth = addon.session.SESSION.depth.load(predicted)
    before = addon.session.SESSION.layers.load(predicted)
    near = addon.editing.threshold.near_layers(before, depth, 0.6)
    assert bpy.ops.illdepth.threshold_layers(threshold=0.6) == {"FINISHED"}
    stack = addon.session.SESSION.layers.load(predicted)
    assert [x.name for x in stack] == ["background", "foreground"]
    np.testing.assert_array_equal(stack.labels == 1, near)
    with pytest.raises(RuntimeError, match="all layers lie on one side"):
        bpy.ops.illdepth.threshold_layers(threshold=1.0)


def test_a_disc_is_inserted_where_it_was_asked_for(scene, sloped, addon):
    mark = addon.scene.images.packing.image_from_engine(
        Image(np.full((10, 20, 4), (0.0, 0.0, 1.0, 1.0), np.float32), "mark")
    )
    bpy.ops.illdepth.build_layers()
    assert bpy.ops.illdepth.insert_image(source=mark.name, at=1, x=0.25, y=0.75, size=0.5) == {
        "FINISHED"
    }
    stack = addon.session.SESSION.layers.load(sloped)
    assert [x.name for x in stack][1] == "mark"
    assert sloped.illdepth.active_layer == 1
    rows, cols = np.nonzero(stack.layers[1].mask)
    # Half of 60 wide and a quarter of it high, about a quarter from the left and the top.
    assert (cols.min(), cols.max() + 1) == (0, 30)
    assert abs(rows.min() - 2.5) <= 0.5
    assert abs(rows.max() + 1 - 17.5) <= 0.5
    assert "slope: mark" in [o.name for o in bpy.data.objects]


def test_an_inserted_image_turns_counter_clockwise(scene, sloped, addon):
    pixels = np.zeros((20, 20, 4), np.float32)
    pixels[9:11, 10:] = (0, 1, 0, 1)  # a hand that points to the right
    hand = addon.scene.images.packing.image_from_engine(Image(pixels, "hand"))
    bpy.ops.illdepth.insert_image(source=hand.name, size=0.5, rotation=np.pi / 2)
    mask = addon.session.SESSION.layers.load(sloped).layers[sloped.illdepth.active_layer].mask
    rows, cols = np.nonzero(mask)
    assert rows.max() <= 20  # it points up now
    assert np.ptp(cols) < np.ptp(rows)


def test_a_file_is_inserted_above_the_active_layer(scene, sloped, addon, picture_path):
    sloped.illdepth.active_layer = 0
    bpy.ops.illdepth.insert_image(filepath=str(picture_path), size=0.2)
    assert [x.name for x in addon.session.SESSION.layers.load(sloped)][1] == "hill"
    assert scene.illdepth.image == sloped


def test_mistakes_in_inserting(scene, sloped, addon):
    clear = bpy.data.images.new("clear", 8, 8, alpha=True)
    clear.pixels.foreach_set(np.zeros(256, np.float32))
    before = sloped.illdepth.stack_key
    for options, words in (
        ({}, "No image to insert is chosen"),
        ({"source": "nothing"}, "There is no image called 'nothing'"),
        ({"source": sloped.name}, "is the picture itself"),
        ({"source": sloped.illdepth.depth.name}, "is a depth image"),
        ({"source": "clear"}, "transparent"),
    ):
        with pytest.raises(RuntimeError, match=words):
            bpy.ops.illdepth.insert_image(**options)
    mark = bpy.data.images.new("mark", 8, 8)
    for options, words in (
        ({"x": 9.0}, "outside the canvas"),
        ({"at": 7}, r"at 0 \(bottom\) to 2 \(top"),
    ):
        with pytest.raises(RuntimeError, match=words):
            bpy.ops.illdepth.insert_image(source=mark.name, **options)
    assert sloped.illdepth.stack_key == before


def test_one_undo_step(scene, sloped, addon):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.illdepth.split_at_threshold(threshold=0.1)
    bpy.ops.ed.undo_push(message="split")
    bpy.ops.ed.undo()
    image = bpy.data.images["slope"]
    assert len(addon.session.SESSION.layers.load(image)) == 2
    assert len(image.illdepth.layers) == 2
