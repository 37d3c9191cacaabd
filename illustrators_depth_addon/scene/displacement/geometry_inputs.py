"""Inputs of a geometry-nodes modifier by name, in every Blender version."""

from __future__ import annotations

from typing import Any

__all__ = ["draw_input", "set_input"]


def _identifier(modifier: Any, name: str) -> str:
    for item in modifier.node_group.interface.items_tree:
        if item.item_type == "SOCKET" and item.in_out == "INPUT" and item.name == name:
            return str(item.identifier)
    raise KeyError(name)


def _holder(modifier: Any, name: str) -> tuple[Any, str]:
    """The data that holds the value, and its path from there: changed in 5.2.

    Raises KeyError when the modifier's group has no input of this name.
    """
    identifier = _identifier(modifier, name)
    properties = getattr(modifier, "properties", None)
    if properties is not None:
        return getattr(properties.inputs, identifier), "value"
    return modifier, f'["{identifier}"]'


def set_input(modifier: Any, name: str, value: float) -> None:
    """Set an input, and let Blender see it."""
    holder, path = _holder(modifier, name)
    if path == "value":
        holder.value = value
    else:
        modifier[_identifier(modifier, name)] = value
    modifier.id_data.update_tag()


def draw_input(layout: Any, modifier: Any, name: str) -> None:
    """Draw an input's slider."""
    holder, path = _holder(modifier, name)
    layout.prop(holder, path, text=name)
