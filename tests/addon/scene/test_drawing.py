"""A Grease Pencil drawing of a picture: one layer each, lines as strokes, updated in place."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from illustrators_depth_addon.scene.objects.build_collection import find_build

bpy = pytest.importorskip("bpy")

NEW = pytest.mark.skipif(bpy.app.version < (4, 3, 0), reason="Grease Pencil 3 came with 4.3")


@pytest.fixture
def inked(scene, tmp_path: Path):
    """A red disc with a hole and a black line of 6 pixels on white paper, predicted."""
    page = np.full((160, 200, 3), 255, np.uint8)
    cv2.circle(page, (60, 80), 40, (40, 40, 220), -1)
    cv2.circle(page, (60, 80), 15, (255, 255, 255), -1)
    cv2.line(page, (120, 20), (180, 140), (0, 0, 0), 6)
    path = tmp_path / "ink.png"
    cv2.imwrite(str(path), page)
    image = bpy.data.images.load(str(path))
    scene.illdepth.image = image
    bpy.ops.illdepth.predict(image=image.name)
    return image


def drawing(addon, image):
    build = find_build(image, "DRAWING")
    return addon.scene.grease_pencil.build.drawing_object(build)


def strokes(layer):
    return layer.frames[0].drawing.strokes


def layer_at(addon, image, drawn, x: int, y: int):
    """The drawing's layer of the layer that is seen at a pixel."""
    stack = addon.session.SESSION.layers.load(image)
    return drawn.data.layers[stack.layers[int(stack.labels[y, x])].name]


@NEW
def test_lines_are_strokes_and_the_rest_is_filled(inked, addon):
    assert bpy.ops.illdepth.build_drawing() == {"FINISHED"}
    drawn = drawing(addon, inked)
    stack = addon.session.SESSION.layers.load(inked)
    assert [x.name for x in drawn.data.layers] == [x.name for x in stack]
    (line,) = strokes(layer_at(addon, inked, drawn, 150, 80))
    assert line.material_index == 0 and not line.cyclic
    scale = 2.0 / 200.0  # 200 mm are two units
    places = np.array([tuple(p.position) for p in line.points]) / scale + (100.0, 80.0, 0.0)
    ends = sorted(places[[0, -1]].tolist())
    assert ends[0][:2] == pytest.approx((120.5, 139.5), abs=4.0)
    assert ends[1][:2] == pytest.approx((180.5, 19.5), abs=4.0)
    widths = [2.0 * p.radius / scale for p in line.points]
    assert np.median(widths) == pytest.approx(6.0, abs=1.2)
    (disc,) = strokes(layer_at(addon, inked, drawn, 60, 50))
    assert disc.material_index == 1 and disc.cyclic
    assert tuple(disc.fill_color)[:3] == pytest.approx((0.716, 0.021, 0.021), abs=0.03)


@NEW
def test_without_lines_all_is_filled(inked, addon):
    bpy.ops.illdepth.build_drawing(lines=False)
    drawn = drawing(addon, inked)
    assert all(s.material_index == 1 for x in drawn.data.layers for s in strokes(x))
    inked.illdepth.layers[1].name = "renamed"  # an update takes the options it was made with
    assert all(s.material_index == 1 for x in drawn.data.layers for s in strokes(x))


@NEW
def test_an_update_leaves_what_the_user_drew(inked, scene, addon):
    bpy.ops.illdepth.build_drawing()
    drawn = drawing(addon, inked)
    own = drawn.data.layers.new("mine")
    own.frames.new(1).drawing.add_strokes([3])
    line = layer_at(addon, inked, drawn, 150, 80)
    line.frames.new(10).drawing.add_strokes([5])
    line.frames[0].drawing.strokes[0].points[0].radius = 0.5  # inked anew
    uid = next(x.uid for x in inked.illdepth.layers if x.name == line.name)
    bpy.ops.illdepth.layer_move(layer=uid, way="BOTTOM")
    item = next(x for x in inked.illdepth.layers if x.uid == uid)
    item.name, item.shown = "ink", False
    bpy.ops.illdepth.build_drawing()
    assert drawing(addon, inked) == drawn
    line = drawn.data.layers["ink"]
    assert line.hide
    assert line.frames[0].drawing.strokes[0].points[0].radius == pytest.approx(0.5)
    assert [f.frame_number for f in line.frames] == [1, 10]
    assert len(strokes(drawn.data.layers["mine"])) == 1
    names = [x.name for x in drawn.data.layers if x.name != "mine"]
    assert names == [x.name for x in inked.illdepth.layers]


@NEW
def test_other_layers_come_and_go(inked, scene, addon, tmp_path: Path):
    bpy.ops.illdepth.build_drawing()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    image, scene = bpy.data.images["ink.png"], bpy.context.scene
    scene.illdepth.layers = 2
    bpy.ops.illdepth.update_layers()
    drawn = drawing(addon, image)
    assert [x.name for x in drawn.data.layers] == [x.name for x in image.illdepth.layers]
    assert len(drawn.data.layers) == 2


def test_holes_are_reached_by_a_way_without_width(addon):
    from illustrators_depth.types import Layer

    mask = np.zeros((60, 60), bool)
    mask[5:55, 5:55], mask[20:40, 20:40] = True, False
    rgba = np.dstack([mask] * 4).astype(np.float32)
    layer = Layer.from_full("tag", 0.0, (1.0, 1.0, 1.0), mask, mask, rgba)
    (shape,) = addon.scene.grease_pencil.drawing_shapes.drawn_shapes(layer, 1.0, 0.1)
    x, y = shape.points.T
    area = 0.5 * abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
    assert area == pytest.approx(50 * 50 - 20 * 20, rel=0.02)


@pytest.mark.skipif(bpy.app.version >= (4, 3, 0), reason="there is Grease Pencil 3")
def test_an_older_blender_says_what_it_needs(inked):
    with pytest.raises(RuntimeError, match=r"need Blender 4\.3 or later"):
        bpy.ops.illdepth.build_drawing()
