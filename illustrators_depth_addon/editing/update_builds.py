"""Brings what was built from a picture's layers up to date with them, in place.

Every edit of the layers and every live control ends with `update_builds`.
"""

from __future__ import annotations

import bpy

from illustrators_depth.types import LayerStack

from ..addon_data import addon_data
from ..scene.objects.build_collection import CURVES, LAYERS, find_builds, layer_objects
from ..scene.stacked.spacing import lock_objects
from .build_kinds import BUILDS

__all__ = ["lock_existing", "update_builds"]


def update_builds(scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack) -> None:
    """Update every build that the scene has of this picture to `stack`.

    Args:
        scene: whose settings apply and whose builds are updated.
        image: the picture's datablock.
        stack: its layers as they are now; hidden ones get no geometry.
    """
    for build in BUILDS.values():
        build.update(scene, image, stack)


def lock_existing(image: bpy.types.Image) -> None:
    """Let the objects of locked layers, and only those, refuse to be selected."""
    locked = {item.uid for item in addon_data(image).layers if item.locked}
    for collection in (*find_builds(image, LAYERS), *find_builds(image, CURVES)):
        lock_objects(layer_objects(collection), locked)
