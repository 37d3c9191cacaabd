"""Sockets of a compositor group: inserts with their slots, and a panel of controls per layer.

An insert is a picture that is plugged in; its slot says how many layers lie below it. `group` is a
node tree, `node` a node that shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from illustrators_depth.types import LayerStack

from .layer_group import CONTROLS
from .nodes import INT_SOCKET

__all__ = [
    "control",
    "fit_interface",
    "input_sockets",
    "insert_names",
    "insert_sockets",
    "layer_controls",
    "panel_names",
    "slots",
]

# Custom property of the group: names of the layers' panels by uid (as text).
_NAMES = "illdepth_names"
_INSERT, _SLOT = "Insert", "Slot"


def insert_sockets(node: Any) -> list[tuple[Any, Any]]:
    """The pairs (picture, slot) of a group node's sockets."""
    names = slots(node.node_tree)
    return [(node.inputs[picture], node.inputs[slot]) for picture, slot in names]


def control(node: Any, layer: str, name: str) -> Any:
    """A layer's control on a group node: its socket, whose `default_value` is to be set.

    Args:
        node: from `connect` or `group_nodes`.
        layer: the name of the layer's panel, see `panel_names`.
        name: "Show", "Opacity", "Blur", "X", "Y", "Rotation" or "Scale".

    Raises KeyError when the group has no such layer or control.
    """
    for item in _items(node.node_tree):
        if item.item_type == "SOCKET" and item.name == name and item.parent.name == layer:
            return next(s for s in node.inputs if s.identifier == item.identifier)
    raise KeyError((layer, name))


def layer_controls(node: Any) -> list[tuple[int, str, dict[str, Any]]]:
    """Per layer, top first, its uid, its panel's name and the sockets of its controls by name.

    The uid is 0 for a panel that is not of a layer of the stack last shown.
    """
    sockets = {s.identifier: s for s in node.inputs}
    uids = {name: int(uid) for uid, name in dict(node.node_tree.get(_NAMES, {})).items()}
    by_panel: dict[str, dict[str, Any]] = {}
    for item in _items(node.node_tree):
        if item.item_type == "SOCKET" and item.parent.name and item.identifier in sockets:
            by_panel.setdefault(item.parent.name, {})[item.name] = sockets[item.identifier]
    return [(uids.get(name, 0), name, controls) for name, controls in by_panel.items()]


def panel_names(stack: LayerStack) -> dict[int, str]:
    """What the panel of each layer is called, by uid: layers of one name are numbered."""
    names: dict[int, str] = {}
    for layer in stack:
        name, number = layer.name, 1
        while name in names.values():
            number += 1
            name = f"{layer.name} ({number})"
        names[layer.uid] = name
    return names


def _items(group: Any) -> list[Any]:
    return list(group.interface.items_tree)


def _panel(group: Any, has_name: Callable[[str], bool]) -> Any:
    """The first panel whose name passes a test, or None."""
    return next((i for i in _items(group) if i.item_type == "PANEL" and has_name(i.name)), None)


def slots(group: Any) -> list[tuple[str, str]]:
    """Names of the insert sockets and of their slots."""
    names = [i.name for i in _items(group) if i.item_type == "SOCKET" and not i.parent.name]
    pictures = [n for n in names if n.split(" ")[0] == _INSERT]
    return [(n, n.replace(_INSERT, _SLOT)) for n in pictures]


def insert_names(count: int) -> Iterable[tuple[str, str]]:
    """Names of the first `count` inserts and of their slots: "Insert", "Insert 2" and so on."""
    for number in range(1, count + 1):
        tail = "" if number == 1 else f" {number}"
        yield _INSERT + tail, _SLOT + tail


def fit_interface(group: Any, stack: LayerStack, inserts: int) -> None:
    """Give the group the sockets of a stack, one panel per layer, and of so many inserts.

    Sockets that are right already stay, with the users' values and links; there are never fewer
    inserts than before.
    """
    interface = group.interface
    by_uid = panel_names(stack)
    names = [by_uid[layer.uid] for layer in reversed(stack.layers)]  # as layer lists show them
    _follow_names(group, by_uid)
    # One at a time: removing a panel frees its sockets, and the list of items is stale then.
    while (stale_panel := _panel(group, lambda name: name not in names)) is not None:
        interface.remove(stale_panel, move_content_to_parent=False)
    own_sockets = {
        i.name: i for i in _items(group) if i.item_type == "SOCKET" and not i.parent.name
    }
    if "Image" not in own_sockets:
        interface.new_socket(name="Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    for picture, slot in insert_names(inserts):
        if picture in own_sockets:
            own_sockets[slot].max_value = len(stack)
            continue
        socket = interface.new_socket(name=picture, in_out="INPUT", socket_type="NodeSocketColor")
        socket.default_value = (0.0, 0.0, 0.0, 0.0)
        socket.description = "A picture to insert, such as a 3D render with a transparent film"
        socket = interface.new_socket(name=slot, in_out="INPUT", socket_type=INT_SOCKET)
        socket.min_value, socket.max_value = 0, len(stack)
        socket.description = "How many layers lie below the inserted picture"
    panels = {i.name: i for i in _items(group) if i.item_type == "PANEL"}
    for layer in reversed(stack.layers):
        if by_uid[layer.uid] in panels:
            continue
        panel = interface.new_panel(by_uid[layer.uid], default_closed=True)
        for spec in CONTROLS:
            # `start` sets the switch "Show" alone; None leaves the default.
            spec.add(interface, panel, start=False if layer.hidden else None)
    first_panel = sum(1 for i in _items(group) if i.item_type == "SOCKET" and not i.parent.name)
    for place, name in enumerate(names):
        interface.move(_panel(group, name.__eq__), first_panel + place)


def _follow_names(group: Any, names: Mapping[int, str]) -> None:
    """Rename the panels of layers that were renamed, so that their controls stay theirs."""
    before = dict(group.get(_NAMES, {}))
    panels = {i.name: i for i in _items(group) if i.item_type == "PANEL"}
    renamed = [(panels.get(before.get(str(uid), "")), name) for uid, name in names.items()]
    for panel, name in renamed:
        if panel is not None:
            panel.name = name
    group[_NAMES] = {str(uid): name for uid, name in names.items()}


def input_sockets(group: Any, source: Any) -> dict[tuple[str, str], Any]:
    """Outputs of the group's input node `source`, by (panel of the layer or "", socket name)."""
    by_identifier = {s.identifier: s for s in source.outputs}
    return {
        (item.parent.name, item.name): by_identifier[item.identifier]
        for item in _items(group)
        if item.item_type == "SOCKET" and item.in_out == "INPUT"
    }
