"""Moving rows of the layer list: by the mouse, by the buttons with Ctrl."""

from __future__ import annotations

import pytest

bpy = pytest.importorskip("bpy")


def uids(image) -> list[int]:
    return [x.uid for x in image.illdepth.layers]


def test_a_row_is_let_go_several_places_up(built, addon):
    first, *others = uids(built)
    bpy.ops.illdepth.layer_drag(layer=first, steps=2)
    assert uids(built) == [*others[:2], first, *others[2:]]
    assert [x.uid for x in addon.session.SESSION.layers.load(built)] == uids(built)
    bpy.ops.illdepth.layer_drag(layer=first, steps=-9)
    assert uids(built) == [first, *others]


def test_while_it_is_dragged_only_the_list_shows_it(built, addon):
    show_moved = addon.operators.layers.drag.show_moved
    before, stack = uids(built), addon.session.SESSION.layers.load(built)
    built.illdepth.active_layer = 1
    shown = show_moved(built, before[1], 0, 5)
    assert shown == 2  # it is at the end
    assert uids(built) == [before[0], *before[2:], before[1]]
    assert built.illdepth.layers[built.illdepth.active_layer].uid == before[1]
    assert addon.session.SESSION.layers.load(built) is stack
    assert show_moved(built, before[1], shown, 0) == 0
    assert uids(built) == before


def test_a_locked_row_stays(built):
    built.illdepth.layers[1].locked = True
    with pytest.raises(RuntimeError, match="is locked"):
        bpy.ops.illdepth.layer_drag(layer=uids(built)[1], steps=1)
