"""Groups of layers as collections inside of a build's collection, nested as the groups are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bpy

from illustrators_depth.types import LayerStack

from ...addon_data import addon_data

__all__ = [
    "adopt_group_name",
    "group_collections",
    "sort_into_collections",
    "sort_layer_objects",
]

# The group's name, on its collection, whatever the user calls that.
_GROUP = "illustrators_depth_group"


def sort_into_collections(
    collection: bpy.types.Collection, items: Iterable[tuple[bpy.types.Object, tuple[str, ...]]]
) -> None:
    """Put a build's objects into the collections of their groups.

    Collections of groups that are gone are removed; an object that the user moved to a collection
    of their own stays there.

    Args:
        collection: the build's.
        items: objects, each with the names of its layer's groups, outermost first.
    """
    for item, group in items:
        target = collection
        for name in group:
            target = _child_collection(target, name)
        homes = [home for home in _home_collections(collection) if item.name in home.objects]
        if target in homes or not homes:
            continue
        target.objects.link(item)
        for home in homes:
            home.objects.unlink(item)
    for home in reversed(_home_collections(collection)[1:]):  # the innermost first
        if not home.objects and not home.children:
            bpy.data.collections.remove(home)


def sort_layer_objects(
    collection: bpy.types.Collection, items: Iterable[bpy.types.Object], stack: LayerStack
) -> None:
    """`sort_into_collections` for objects of layers of a stack, by the layers' groups."""
    groups = {layer.uid: layer.group for layer in stack}
    sort_into_collections(collection, [(x, groups[addon_data(x).layer_uid]) for x in items])


def group_collections(
    collection: bpy.types.Collection, parent_path: tuple[str, ...] = ()
) -> list[tuple[bpy.types.Collection, tuple[str, ...]]]:
    """The collections of a build's groups and the names of each, outermost first."""
    groups = []
    for child in collection.children:
        name = child.get(_GROUP)
        if name is not None:
            path = (*parent_path, str(name))
            groups += [(child, path), *group_collections(child, path)]
    return groups


def adopt_group_name(collection: Any) -> None:
    """The group is called as the user has called its collection."""
    collection[_GROUP] = collection.name


def _home_collections(collection: bpy.types.Collection) -> list[bpy.types.Collection]:
    """The build's collection and those of its groups, outer ones first."""
    inner = [child for child in collection.children if child.get(_GROUP) is not None]
    return [collection, *(home for child in inner for home in _home_collections(child))]


def _child_collection(parent: bpy.types.Collection, name: str) -> bpy.types.Collection:
    existing = next((child for child in parent.children if child.get(_GROUP) == name), None)
    if existing is not None:
        return existing
    child = bpy.data.collections.new(name)
    child[_GROUP] = name
    parent.children.link(child)
    return child
