"""Brings what was built from a picture's layers up to date with them, in place.

Every edit of the layers and every live control ends with `rebuild_existing`. A build takes part by
a function in REBUILDS that updates what this picture already has of its kind, without losing the
user's materials, transforms, modifiers or visibility, and does nothing where there is none.
"""

from __future__ import annotations

from collections.abc import Callable

import bpy

from illustrators_depth.types import LayerStack

from ..addon_data import addon_data
from ..scene.builds import CARD, LAYERS, PLANES, find_build, find_builds, layer_objects
from ..scene.compositor import CompositorOptions, build_compositor, find_compositor
from ..scene.planes import build_planes
from ..scene.popup_card import build_popup_card
from ..scene.spacing import lock_objects
from ..scene.stacked import build_stacked
from ..settings import scene as scene_settings

__all__ = ["REBUILDS", "Rebuild", "lock_existing", "rebuild_existing", "stands_in"]

Rebuild = Callable[[bpy.types.Scene, bpy.types.Image, LayerStack], None]


def stands_in(scene: bpy.types.Scene, image: bpy.types.Image, kind: str) -> bool:
    """Whether the scene shows a build of this kind: one that the user unlinked stays alone."""
    collection = find_build(image, kind, scene)
    return collection is not None and collection in scene.collection.children_recursive


def _stacked_layers(scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack) -> None:
    if stands_in(scene, image, LAYERS):
        relief = scene_settings.relief_settings(scene)
        look = scene_settings.stacked_options(scene, image)
        build_stacked(scene, image, stack, relief, look)


def _planes(scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack) -> None:
    if stands_in(scene, image, PLANES):
        build_planes(scene, image, stack)


def _card(scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack) -> None:
    if stands_in(scene, image, CARD):
        build_popup_card(scene, image, stack)


def _compositor(scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack) -> None:
    if find_compositor(image) is not None:
        as_it_is = CompositorOptions(connect=False, match_colors=False)
        build_compositor(scene, image, stack, as_it_is)


def lock_existing(image: bpy.types.Image) -> None:
    """Let the objects of locked layers, and only those, refuse to be selected."""
    locked = {line.uid for line in addon_data(image).layers if line.locked}
    for collection in find_builds(image, LAYERS):
        lock_objects(layer_objects(collection), locked)


# One line per kind of build.
REBUILDS: tuple[Rebuild, ...] = (_stacked_layers, _planes, _card, _compositor)


def rebuild_existing(scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack) -> None:
    """Update every build that the scene has of this picture to `stack`.

    Args:
        scene: whose settings apply and whose builds are updated.
        image: the picture's datablock.
        stack: its layers as they are now; hidden ones get no geometry.
    """
    for rebuild in REBUILDS:
        rebuild(scene, image, stack)
