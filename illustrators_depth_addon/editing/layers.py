"""Edits of a picture's layers: the cached stack, the list and all builds follow in one go.

Thin over `illustrators_depth.editing`. Layers are named by uid, which an edit keeps, and every
function raises InputError before anything has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import bpy

from illustrators_depth import editing
from illustrators_depth.errors import EngineError, InputError
from illustrators_depth.types import LayerStack

from ..addon_data import addon_data
from ..context import show_problem
from ..session import SESSION
from ..session.handwork import with_base
from ..storage.layer_file import has_stack, recipe
from ..storage.layer_list import layer_facts
from .update_builds import update_builds

__all__ = [
    "WAYS",
    "check_editable",
    "check_unlocked",
    "delete",
    "edit",
    "index_of",
    "isolate",
    "merge",
    "merge_down",
    "move",
    "move_by",
    "recolor",
    "rename",
    "show",
    "split",
    "store_and_update",
    "sync_unfinished",
]

WAYS = ("UP", "DOWN", "TOP", "BOTTOM")


def edit(
    scene: bpy.types.Scene,
    image: bpy.types.Image,
    change: Callable[[LayerStack], LayerStack],
    whole: int = 0,
) -> LayerStack:
    """Change a picture's layers by a pure function, and everything that shows them.

    `whole` is the uid of the layer that new layers are parts of, if they are.

    Returns the stack as it is kept. Raises InputError when the picture has no layers, is linked
    from another file, or one of its builds is in Edit Mode, and whatever `change` raises.
    """
    check_editable(image)
    before = SESSION.layers.load(image)
    stack = with_base(change(before), [layer.uid for layer in before])
    return store_and_update(scene, image, stack, whole)


def store_and_update(
    scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack, whole: int = 0
) -> LayerStack:
    """Make `stack` the picture's layers: store it, list it, update all builds."""
    stack = SESSION.layers.store(image, stack)
    SESSION.layer_list.sync(image, layer_facts(stack), whole)
    update_builds(scene, image, stack)
    return stack


def sync_unfinished() -> None:
    """Where a crash came before the bytes of an edit, lists show the layers that are there."""
    for image in bpy.data.images:
        if has_stack(image) and "edit_of" in recipe(image):
            try:
                stack = SESSION.layers.load(image)
            except EngineError as error:
                show_problem(str(error))
                continue
            SESSION.layer_list.sync(image, layer_facts(stack))


def check_editable(image: bpy.types.Image) -> None:
    """InputError when the picture's layers or its builds cannot be changed now."""
    if image.library is not None:
        raise InputError(
            f"The image {image.name!r} is linked from another file; make it local to edit it."
        )
    for collection in bpy.data.collections:
        if addon_data(collection).image != image:
            continue
        for item in collection.all_objects:
            if item.mode == "EDIT":
                raise InputError(
                    f"The object {item.name!r} is in Edit Mode; leave it to change the layers."
                )


def move(scene: bpy.types.Scene, image: bpy.types.Image, uid: int, way: str) -> LayerStack:
    """Move a layer one step up or down, to the top or to the bottom; `way` is one of WAYS."""
    if way not in WAYS:
        raise InputError(f"A layer is moved UP, DOWN, TOP or BOTTOM, not {way!r}.")
    steps = len(SESSION.layers.load(image)) if way in ("TOP", "BOTTOM") else 1
    return move_by(scene, image, uid, steps if way in ("UP", "TOP") else -steps)


def move_by(scene: bpy.types.Scene, image: bpy.types.Image, uid: int, steps: int) -> LayerStack:
    """Move a layer up by so many steps, or down by as many below 0; at most to an end."""
    check_unlocked(image, [uid])

    def change(stack: LayerStack) -> LayerStack:
        step = editing.bring_forward if steps > 0 else editing.send_back
        return step(stack, index_of(stack, uid), abs(steps))

    return edit(scene, image, change)


def merge(
    scene: bpy.types.Scene, image: bpy.types.Image, uids: Sequence[int], name: str | None = None
) -> LayerStack:
    """Unite layers in the place of the top-most; the picture stays as it is."""
    check_unlocked(image, uids)

    def change(stack: LayerStack) -> LayerStack:
        return editing.merge(stack, [index_of(stack, uid) for uid in uids], name)

    return edit(scene, image, change)


def merge_down(scene: bpy.types.Scene, image: bpy.types.Image, uid: int) -> LayerStack:
    """Unite a layer with the next one below it that is as much shown or hidden."""
    stack = SESSION.layers.load(image)
    index = index_of(stack, uid)
    hidden = stack.layers[index].hidden
    below = next((x for x in reversed(stack.layers[:index]) if x.hidden == hidden), None)
    if below is None:
        raise InputError(f"No layer lies below {stack.layers[index].name!r} to merge it with.")
    return merge(scene, image, [below.uid, uid])


def split(
    scene: bpy.types.Scene,
    image: bpy.types.Image,
    uid: int,
    by: str = "parts",
    count: int = 2,
    at: float | None = None,
) -> LayerStack:
    """Replace a layer by several.

    Args:
        by: "parts" that do not touch, areas of "color" (`count` of them), or "threshold" of depth.
        at: for "threshold", 0 (the layer's deepest pixel) .. 1 (its nearest); None finds the cut
            where the two sides vary least.
    """
    check_unlocked(image, [uid])
    depth = SESSION.depth.load(image) if by == "threshold" else None

    def change(stack: LayerStack) -> LayerStack:
        index = index_of(stack, uid)
        cut = at
        if depth is not None and at is not None:
            layer = stack.layers[index]
            depths = depth.values[layer.box][layer.visible_crop]
            if not depths.size:
                raise InputError(f"Nothing is seen of the layer {layer.name!r}; show it first.")
            low, high = float(depths.min()), float(depths.max())
            cut = low + at * (high - low)
        return editing.split(stack, index, by, count, cut, depth)

    return edit(scene, image, change, uid)


def rename(scene: bpy.types.Scene, image: bpy.types.Image, uid: int, name: str) -> LayerStack:
    """Give a layer another name; its object follows unless the user renamed it."""
    check_unlocked(image, [uid])
    return edit(scene, image, lambda stack: editing.rename(stack, index_of(stack, uid), name))


def recolor(
    scene: bpy.types.Scene,
    image: bpy.types.Image,
    uid: int,
    color: tuple[float, float, float],
) -> LayerStack:
    """Give a layer another mean color, sRGB 0..1; its shading stays."""
    check_unlocked(image, [uid])
    return edit(scene, image, lambda stack: editing.recolor(stack, index_of(stack, uid), color))


def show(
    scene: bpy.types.Scene, image: bpy.types.Image, uids: Sequence[int], shown: bool = True
) -> LayerStack:
    """Show or hide layers; what continues under a hidden one is revealed."""

    def change(stack: LayerStack) -> LayerStack:
        return editing.hide(stack, [index_of(stack, uid) for uid in uids], not shown)

    return edit(scene, image, change)


def isolate(scene: bpy.types.Scene, image: bpy.types.Image, uid: int) -> LayerStack:
    """Hide all layers but one; when it is alone already, show them all."""

    def change(stack: LayerStack) -> LayerStack:
        index = index_of(stack, uid)
        others = [i for i in range(len(stack)) if i != index]
        alone = not stack.layers[index].hidden and all(stack.layers[i].hidden for i in others)
        if alone:
            return editing.show(stack, others)
        stack = editing.hide(stack, others) if others else stack
        return editing.show(stack, index) if stack.layers[index].hidden else stack

    return edit(scene, image, change)


def delete(scene: bpy.types.Scene, image: bpy.types.Image, uids: Sequence[int]) -> LayerStack:
    """Take layers out for good; what continues below them is revealed."""
    check_unlocked(image, uids)

    def change(stack: LayerStack) -> LayerStack:
        return editing.delete(stack, [index_of(stack, uid) for uid in uids])

    return edit(scene, image, change)


def index_of(stack: LayerStack, uid: int) -> int:
    """Place of a layer in the stack, 0 = bottom; InputError when it is not there."""
    for index, layer in enumerate(stack.layers):
        if layer.uid == uid:
            return index
    raise InputError(f"The picture {stack.name!r} has no layer {uid} any more; choose another.")


def check_unlocked(image: bpy.types.Image, uids: Sequence[int]) -> None:
    """InputError when one of these layers is locked."""
    locked = {item.uid for item in addon_data(image).layers if item.locked}.intersection(uids)
    for layer in SESSION.layers.load(image) if locked else ():
        if layer.uid in locked:
            raise InputError(f"The layer {layer.name!r} is locked; unlock it to change it.")
