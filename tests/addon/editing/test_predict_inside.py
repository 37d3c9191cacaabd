"""One layer taken apart by a prediction of its own, in Blender."""

from __future__ import annotations

from typing import Any

import pytest

bpy = pytest.importorskip("bpy", reason="Blender's Python module (bpy) is not installed")


def stack_of(image: Any) -> Any:
    from illustrators_depth_addon.session import SESSION

    return SESSION.layers.load(image)


@pytest.fixture
def merged(predicted: Any) -> tuple[Any, int]:
    """The picture with all of its layers merged into one, on a page, and that one's uid."""
    import numpy as np

    from illustrators_depth import editing
    from illustrators_depth_addon.editing import layers

    scene = bpy.context.scene
    uids = [layer.uid for layer in stack_of(predicted)]
    stack = layers.merge(scene, predicted, uids, "scenery")
    page = np.full((stack.height, stack.width, 4), 255, np.uint8)
    layers.edit(scene, predicted, lambda s: editing.insert(s, page, 0, name="page"))
    return predicted, next(x.uid for x in stack_of(predicted) if x.name == "scenery")


def test_parts_become_a_group(merged: tuple[Any, int]) -> None:
    image, uid = merged
    # As it is: the scene's settings would take the picture apart anew.
    from illustrators_depth_addon.editing import build_kinds as builds

    assert bpy.ops.illdepth.predict_inside(image=image.name, layer=uid) == {"FINISHED"}
    stack = stack_of(image)
    assert len(stack) > 2
    assert {layer.group for layer in stack} == {(), ("scenery",)}
    assert len(image.illdepth.layers) == len(stack)
    build = builds.BUILDS["layers"].build(bpy.context.scene, image)
    assert [child.name for child in build.children] == ["scenery"]
    assert len(build.children[0].objects) == len(stack) - 1


def test_a_locked_layer_and_one_that_is_gone(merged: tuple[Any, int]) -> None:
    image, uid = merged
    next(x for x in image.illdepth.layers if x.uid == uid).locked = True
    with pytest.raises(RuntimeError, match="locked"):
        bpy.ops.illdepth.predict_inside(image=image.name, layer=uid)
    with pytest.raises(RuntimeError, match="no layer 999"):
        bpy.ops.illdepth.predict_inside(image=image.name, layer=999)
    assert len(stack_of(image)) == 2
