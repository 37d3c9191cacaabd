"""What tests look at after a build: objects of layers, and the layers kept with a picture."""

from __future__ import annotations

from typing import Any

from illustrators_depth.types import LayerStack
from illustrators_depth_addon.scene.objects.build_collection import find_build, layer_objects
from illustrators_depth_addon.session import SESSION

__all__ = ["layer_objects_of", "stack_of"]


def layer_objects_of(image: Any, kind: str = "LAYERS") -> list[Any]:
    """The layer objects of a picture's build, bottom to top; none where there is no such build."""
    collection = find_build(image, kind)
    return layer_objects(collection) if collection is not None else []


def stack_of(image: Any) -> LayerStack:
    """The layers kept with a picture."""
    return SESSION.layers.load(image)
