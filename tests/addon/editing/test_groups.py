"""Groups of layers: in the list, as collections of objects, and as one flat object."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from illustrators_depth.types import Layer, LayerStack
from illustrators_depth_addon.scene.objects.build_collection import find_build, layer_objects

bpy = pytest.importorskip("bpy")

SUN, DISC = 2, 3  # places in the drawing of conftest: ground, hill, sun, disc


@pytest.fixture
def built(predicted, scene):
    scene.illdepth.image = predicted
    bpy.ops.illdepth.build_layers()
    bpy.ops.illdepth.build_planes()
    return predicted


def check(image, *places: int) -> None:
    for place, item in enumerate(image.illdepth.layers):
        item.selected = place in places


def build(addon, image, kind: str = "LAYERS"):
    return find_build(image, kind)


def homes(addon, image, kind: str = "LAYERS") -> list[str]:
    """The collection of each layer's object, bottom to top."""
    items = layer_objects(build(addon, image, kind))
    assert all(len(item.users_collection) == 1 for item in items)
    return [item.users_collection[0].name for item in items]


def test_a_group_is_a_collection_in_every_build(built, addon):
    check(built, SUN, DISC)
    bpy.ops.illdepth.group_layers(name="sun")
    stack = addon.session.SESSION.layers.load(built)
    assert [x.group for x in stack] == [(), (), ("sun",), ("sun",)]
    assert [x.group for x in built.illdepth.layers] == ["", "", "sun", "sun"]
    own = build(addon, built).name
    assert homes(addon, built) == [own, own, "sun", "sun"]
    assert homes(addon, built, "PLANES")[2:] == ["sun.001", "sun.001"]
    assert addon.editing.object_sync.layer_of(bpy.data.collections["sun"].objects[0])[0] == built
    bpy.ops.illdepth.ungroup_layers()
    assert homes(addon, built) == [own] * 4
    assert "sun" not in bpy.data.collections and "sun.001" not in bpy.data.collections


def test_groups_nest_and_follow_their_collections_names(built, scene, addon):
    built.illdepth.layers[DISC].group = "sky/sun"
    assert homes(addon, built)[DISC] == "sun"
    assert [c.name for c in build(addon, built).children] == ["sky"]
    bpy.data.collections["sky"].name = "heaven"
    addon.editing.object_sync.follow_groups(scene, built)
    assert built.illdepth.layers[DISC].group == "heaven/sun"
    assert [c.name for c in build(addon, built).children] == ["heaven"]
    assert homes(addon, built)[DISC] == "sun"


def test_groups_survive_sliders_and_reopening(built, scene, addon, tmp_path: Path):
    check(built, SUN, DISC)
    bpy.ops.illdepth.group_layers(name="sun")
    scene.illdepth.detail = 0.9
    bpy.ops.illdepth.update_layers()
    assert [x.group for x in built.illdepth.layers][2:] == ["sun", "sun"]
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    image = bpy.data.images["hill.png"]
    assert [x.group for x in addon.session.SESSION.layers.load(image)][2:] == [("sun",)] * 2
    bpy.ops.illdepth.build_layers()
    assert homes(addon, image)[2:] == ["sun", "sun"]


def test_objects_are_grouped_with_what_lies_on_them(built, addon):
    bpy.ops.illdepth.group_objects()
    names = [x.name for x in built.illdepth.layers]
    assert [x.group for x in built.illdepth.layers] == ["", "", names[SUN], names[SUN]]
    built.illdepth.layers[0].selected = True
    bpy.ops.illdepth.check_group(group=names[SUN])
    assert [x.selected for x in built.illdepth.layers] == [False, False, True, True]
    with pytest.raises(RuntimeError, match="No layer of 'hill' lies on another one"):
        bpy.ops.illdepth.group_objects()


def test_grounds_and_neighbors_are_no_objects(addon):
    """A box on a page, a ball beside it, and a bush on a strip of grass across the page."""
    page, box, ball, spot, grass, bush = (np.zeros((40, 60), bool) for _ in range(6))
    page[:], box[5:30, 5:25], ball[10:20, 40:50] = True, True, True
    spot[10:14, 10:14], grass[32:], bush[34:38, 20:30] = True, True, True
    masks = page, box, ball, spot, grass, bush
    names = "page", "box", "ball", "spot", "grass", "bush"
    labels = np.full(page.shape, -1, np.int32)
    for index, mask in enumerate(masks):
        labels[mask] = index
    layers = [
        Layer.from_full(
            name, float(i), (0.5, 0.5, 0.5), labels == i, mask, np.dstack([mask] * 4).astype("f4")
        )
        for i, (name, mask) in enumerate(zip(names, masks, strict=True))
    ]
    found = addon.editing.groups.object_groups(LayerStack(labels, tuple(layers)))
    assert found == {"box": [1, 3]}


def test_flat_groups_keep_one_height(built, addon):
    with pytest.raises(RuntimeError, match="no groups of layers"):
        bpy.ops.illdepth.flatten_groups()
    check(built, SUN, DISC)
    bpy.ops.illdepth.group_layers(name="sun")
    bpy.ops.illdepth.flatten_groups(height_mm=0.2)
    bpy.context.view_layer.update()
    items = layer_objects(build(addon, built))
    tops = [o.delta_location.z + o.modifiers["Thickness"].thickness for o in items]
    assert tops[DISC] - tops[SUN] == pytest.approx(0.002, abs=1e-6)
    assert tops[SUN] - tops[1] == pytest.approx(0.022, abs=1e-6)
    bpy.ops.illdepth.flatten_groups(flatten=False)
    bpy.context.view_layer.update()
    tops = [o.delta_location.z + o.modifiers["Thickness"].thickness for o in items]
    assert np.diff(tops) == pytest.approx(0.022, abs=1e-6)


def test_groups_go_to_other_programs(built, addon, tmp_path: Path):
    from illustrators_depth.layered import read_layers

    pytest.importorskip("psd_tools", reason="no psd-tools here to read a PSD with")
    check(built, SUN, DISC)
    bpy.ops.illdepth.group_layers(name="sun")
    for kind in ("psd", "ora"):
        path = tmp_path / f"hill.{kind}"
        bpy.ops.illdepth.export_layers(filepath=str(path), kind=kind.upper())
        assert [x.group for x in read_layers(path)][2:] == [("sun",), ("sun",)]


@pytest.fixture
def lettered(scene, tmp_path):
    """Outlined letters over paper, predicted without a network: many heights, no holes."""
    page = np.full((192, 480, 3), (205, 230, 230), np.uint8)
    for number, letter in enumerate("BLOSSOM"):
        for color, width in (((64, 26, 26), 17), ((76, 190, 255), 6)):
            place = (14 + 66 * number, 130)
            cv2.putText(page, letter, place, cv2.FONT_HERSHEY_DUPLEX, 2.6, color, width)
    cv2.imwrite(str(tmp_path / "word.png"), page)
    image = bpy.data.images.load(str(tmp_path / "word.png"))
    scene.illdepth.image = image
    bpy.ops.illdepth.predict(image=image.name)
    bpy.ops.illdepth.build_layers()
    return image


def test_letters_are_treated_alike_and_their_insides_are_holes(lettered, addon):
    rows = lettered.illdepth.layers
    for row in rows:
        row.selected = max(row.color[:]) < 0.4 or row.color[2] < 0.5  # outlines and fills
    assert sum(row.selected for row in rows) > 2
    assert bpy.ops.illdepth.treat_alike() == {"FINISHED"}
    assert len([r for r in rows if max(r.color[:]) < 0.4 or r.color[2] < 0.5]) == 2
    for number, row in enumerate(rows):
        row.selected = number > 0 and min(row.color[:]) > 0.7  # the insides of letters
    assert bpy.ops.illdepth.open_holes() == {"FINISHED"}
    assert len(rows) == 3
    assert len(layer_objects(build(addon, lettered))) == 3
    with pytest.raises(RuntimeError, match="looks like a hole"):
        bpy.ops.illdepth.open_holes()


def test_locked_layers_get_no_hole(lettered):
    for row in lettered.illdepth.layers:
        row.selected, row.locked = min(row.color[:]) > 0.7, min(row.color[:]) <= 0.7
    with pytest.raises(RuntimeError, match="looks like a hole"):
        bpy.ops.illdepth.open_holes()
