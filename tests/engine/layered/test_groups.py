"""Groups and blend modes go through every kind of file that can hold them."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from illustrators_depth import load_stack, read_layers, save_stack
from illustrators_depth.editing import insert, merge, rename, reorder, split
from illustrators_depth.editing.flatten import flatten
from illustrators_depth.errors import InputError
from illustrators_depth.export.stack_writer import write_stack
from illustrators_depth.layering.layer_tree import LayerGroup, layer_tree
from illustrators_depth.types import Layer, LayerStack

GROUPS = [(), ("tree",), ("tree", "crown"), ("tree", "crown"), ("house",)]
BLENDS = ["normal", "normal", "normal", "multiply", "overlay"]


def grouped_stack() -> LayerStack:
    """Five overlapping squares on a page of 40 x 40, in the groups and modes above."""
    frame = (40, 40)
    layers = []
    labels = np.full(frame, -1, np.int32)
    for index, (group, blend) in enumerate(zip(GROUPS, BLENDS, strict=True)):
        mask = np.zeros(frame, bool)
        first = 0 if index == 0 else 4 * index
        mask[first : 40 if index == 0 else first + 18, first : 40 if index == 0 else first + 18] = 1
        color = (0.2 * index, 1.0 - 0.2 * index, 0.6)
        rgba = np.zeros((*frame, 4), np.float32)
        rgba[mask] = (*(round(c * 255) / 255 for c in color), 1.0)
        labels[mask] = index
        layer = Layer.from_full(f"part {index}", float(index), color, mask, mask, rgba)
        layers.append(replace(layer, uid=index + 1, group=group, blend=blend))
    layers = [replace(layer, visible_crop=labels[layer.box] == i) for i, layer in enumerate(layers)]
    return LayerStack(labels, tuple(layers), "village")


def groups_of(stack: LayerStack) -> list[tuple[str, ...]]:
    return [layer.group for layer in stack]


@pytest.mark.parametrize("ending", ["psd", "ora", "idl", "svg"])
def test_groups_and_modes_come_back(tmp_path: Path, ending: str) -> None:
    if ending in ("psd", "svg"):
        pytest.importorskip("psd_tools" if ending == "psd" else "resvg_py")
    stack = grouped_stack()
    file = write_stack(stack, tmp_path / f"a.{ending}")
    again = load_stack(file) if ending == "idl" else read_layers(file)
    assert [layer.name for layer in again] == [layer.name for layer in stack]
    assert groups_of(again) == GROUPS
    assert [layer.blend for layer in again] == BLENDS
    if ending != "svg":  # an icon of 40 pixels is drawn larger
        np.testing.assert_allclose(flatten(again).rgba, flatten(stack).rgba, atol=1.01 / 255)


def test_a_group_in_a_group_alone_comes_back_from_svg(tmp_path: Path) -> None:
    pytest.importorskip("resvg_py")
    stack = grouped_stack()
    inside = stack.with_layers(tuple(replace(x, group=("all", *x.group)) for x in stack))
    again = read_layers(write_stack(inside, tmp_path / "a.svg"))
    assert groups_of(again) == [("all", *group) for group in GROUPS]


def test_other_programs_see_the_groups(tmp_path: Path) -> None:
    psd_tools = pytest.importorskip("psd_tools")
    document = psd_tools.PSDImage.open(write_stack(grouped_stack(), tmp_path / "a.psd"))
    assert [layer.name for layer in document] == ["part 0", "tree", "house"]
    tree = document[1]
    assert [layer.name for layer in tree] == ["part 1", "crown"]
    assert [layer.name for layer in tree[1]] == ["part 2", "part 3"]
    assert tree.blend_mode.name == "PASS_THROUGH"
    assert tree[1][1].blend_mode.name == "MULTIPLY"


def test_layers_of_a_group_that_another_divides_make_two() -> None:
    tree = layer_tree([("a",), (), ("a",)])
    assert tree == (LayerGroup("a", (0,)), 1, LayerGroup("a", (2,)))


def test_edits_keep_groups() -> None:
    stack = grouped_stack()
    assert groups_of(rename(stack, 2, "leaves")) == GROUPS
    assert groups_of(merge(stack, [1, 3])) == [(), ("tree", "crown"), ("tree",), ("house",)]
    assert groups_of(merge(stack, [3, 4])) == [(), ("tree",), ("tree", "crown"), ()]
    both = merge(stack, [2, 3])
    assert groups_of(both)[2] == ("tree", "crown") and both.layers[2].blend == "normal"
    assert groups_of(reorder(stack, [4, 3, 2, 1, 0])) == GROUPS[::-1]
    dot = np.full((4, 4, 4), 255, np.uint8)
    assert groups_of(insert(stack, dot, 3))[3] == ("tree", "crown")
    assert groups_of(insert(stack, dot, 2))[2] == ("tree",)
    assert groups_of(insert(stack, dot, 5))[5] == ()
    striped = stack.layers[3].rgba_crop.copy()
    striped[:9, :, :3] = 0.0
    layers = [*stack.layers[:3], replace(stack.layers[3], rgba_crop=striped), stack.layers[4]]
    pieces = split(stack.with_layers(tuple(layers)), 3, "color")
    assert groups_of(pieces)[3:5] == [("tree", "crown")] * 2
    assert [layer.blend for layer in pieces][3:5] == ["multiply"] * 2


BAD = {
    "groups that are no list": {"group": "tree"},
    "a group without a name": {"group": [" "]},
    "a group that is no text": {"group": [3]},
    "groups without end": {"group": ["a"] * 100},
    "an unknown mode": {"blend": "dissolve"},
    "a mode that is no text": {"blend": 3},
}


@pytest.mark.parametrize("case", BAD)
def test_bad_layer_files_are_refused(tmp_path: Path, case: str) -> None:
    good = save_stack(grouped_stack(), tmp_path / "good.idl")
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(tmp_path / "bad.idl", "w") as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename == "stack.json":
                manifest = json.loads(data)
                manifest["layers"][1] |= BAD[case]
                data = json.dumps(manifest).encode()
            new.writestr(info, data)
    with pytest.raises(InputError, match=r"bad\.idl has a"):
        load_stack(tmp_path / "bad.idl")


def test_a_layer_has_a_known_mode() -> None:
    with pytest.raises(InputError, match="dissolve"):
        replace(grouped_stack().layers[0], blend="dissolve")
