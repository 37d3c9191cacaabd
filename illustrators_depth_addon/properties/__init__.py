"""What the add-on stores in a .blend: settings on the scene, results on images, roles on builds.

Nothing is kept outside the file's own data, so undo, copy and save just work. One module per idea,
each with CLASSES and ATTACHED (owner, attribute, group); to add one, name it in _MODULES.

The classes hold properties only. On Blender 4.2 a property group with a method, or with a callback
from its own module, forms a reference cycle that outlives Blender's shutdown, and the `bpy` module
then crashes at exit.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from bpy.props import PointerProperty

from . import edit_settings, image_results, printing, roles, scene_settings, session_state

__all__ = ["CLASSES", "register", "unregister"]

# A group that is used in another one stands before it.
_MODULES: tuple[ModuleType, ...] = (
    scene_settings,
    edit_settings,
    printing,
    image_results,
    roles,
    session_state,
)

CLASSES = tuple(cls for module in _MODULES for cls in module.CLASSES)

_ATTACHED: tuple[tuple[Any, str, Any], ...] = tuple(
    entry for module in _MODULES for entry in module.ATTACHED
)


def register() -> None:
    for owner, attribute, group in _ATTACHED:
        pointer = PointerProperty(type=group)  # type: ignore[func-returns-value]
        setattr(owner, attribute, pointer)


def unregister() -> None:
    for owner, attribute, _ in reversed(_ATTACHED):
        delattr(owner, attribute)
