"""Assign to Layer: strokes and lassos, from the operator to the builds."""

from __future__ import annotations

import numpy as np
import pytest

from tests.addon.built import layer_objects_of, stack_of

bpy = pytest.importorskip("bpy")

GROUND, HILL, SUN, DISC = range(4)  # places in the drawing of conftest


def path(*points):
    return [{"name": "", "loc": point, "time": 0.0} for point in points]


def test_a_stroke_moves_pixels_to_the_active_layer(built, addon):
    before = stack_of(built)
    built.illdepth.active_layer = DISC
    bpy.ops.illdepth.assign_to_layer(shape="BRUSH", size=10.0, path=path((0.4, 0.5), (0.5, 0.5)))
    after = stack_of(built)
    moved = after.labels != before.labels
    assert (after.labels[moved] == DISC).all()
    assert 160 <= np.count_nonzero(moved) <= 300  # 16 pixels long, 10 wide, round ends
    top, bottom = np.flatnonzero(moved.any(axis=1))[[0, -1]]
    assert (top + bottom) / 2.0 == pytest.approx(59.5, abs=1.0)  # the middle of 120 rows
    key = layer_objects_of(built, "LAYERS")
    assert len(key[DISC].data.polygons) > 0


def test_a_lasso_leaves_locked_layers_alone(built, addon):
    built.illdepth.layers[HILL].locked = True
    before = stack_of(built)
    corners = (0.0, 0.2), (0.3, 0.2), (0.3, 0.9), (0.0, 0.9)
    bpy.ops.illdepth.assign_to_layer(
        layer=built.illdepth.layers[SUN].uid, shape="LASSO", path=path(*corners)
    )
    after = stack_of(built)
    np.testing.assert_array_equal(after.labels == HILL, before.labels == HILL)
    assert (after.labels[20:70, 2:44] == SUN).all()
    built.illdepth.layers[SUN].locked = True
    with pytest.raises(RuntimeError, match="is locked"):
        bpy.ops.illdepth.assign_to_layer(
            layer=built.illdepth.layers[SUN].uid, shape="LASSO", path=path(*corners)
        )


def test_assigned_pixels_survive_a_slider_and_undo(built, scene, addon):
    disc = built.illdepth.layers[DISC].uid
    bpy.ops.illdepth.assign_to_layer(layer=disc, size=10.0, path=path((0.4, 0.5), (0.5, 0.5)))
    before = stack_of(built)
    scene.illdepth.min_region = 31.0
    bpy.ops.illdepth.update_layers()
    after = stack_of(built)
    own = next(x for x in after if x.uid == disc)
    np.testing.assert_array_equal(own.visible, before.layers[DISC].visible)


def test_a_stroke_of_nothing_is_refused(built):
    with pytest.raises(RuntimeError, match="The stroke is too short"):
        bpy.ops.illdepth.assign_to_layer(shape="LASSO", path=path((0.1, 0.1)))
