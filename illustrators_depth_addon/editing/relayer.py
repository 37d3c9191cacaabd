"""From the cached depth to layers under the present settings, without the network."""

from __future__ import annotations

import bpy

from illustrators_depth.types import LayerStack

from ..session import prediction
from . import layers as layer_edits
from .update_builds import rebuild_existing

__all__ = ["update_layers"]


def update_layers(scene: bpy.types.Scene, image: bpy.types.Image) -> LayerStack:
    """Bring layers, list and builds up to the scene's settings.

    Layers that the settings do not change keep what the user did to them. When they have to be
    made anew, edits of the list (order, names, hidden) are gone; what was built of a layer that is
    seen where it was stays with it.

    Raises InputError when the picture has no depth, or cannot be taken apart as the settings say.
    """
    layer_edits.check_editable(image)
    stack = prediction.current_stack(image, prediction.scene_settings(scene))
    rebuild_existing(scene, image, stack)
    return stack
