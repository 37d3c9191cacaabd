"""Layers as a tree of groups, which files and outliners show, from the group names they carry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

__all__ = ["LayerGroup", "common_group", "layer_tree"]

GroupPath = tuple[str, ...]
"""Names of the groups that a layer is in, outermost first; () is no group."""


@dataclass(frozen=True)
class LayerGroup:
    """A group: its name and its members, indices of layers or groups, bottom to top."""

    name: str
    members: tuple[int | LayerGroup, ...]


def layer_tree(groups: Sequence[GroupPath]) -> tuple[int | LayerGroup, ...]:
    """Indices of layers and groups of them, bottom to top.

    `groups` is the `Layer.group` of each layer, bottom to top. Layers of one group with another
    layer between them make two groups of the same name, so that the order always holds.
    """
    return _nodes(list(enumerate(groups)), 0)


def _nodes(layers: list[tuple[int, GroupPath]], depth: int) -> tuple[int | LayerGroup, ...]:
    """As `layer_tree`, of (index, groups) in a group that is nested `depth` deep."""
    nodes: list[int | LayerGroup] = []
    for name, run in groupby(layers, lambda layer: next(iter(layer[1][depth:]), None)):
        members = list(run)
        if name is None:
            nodes += [index for index, _ in members]
        else:
            nodes.append(LayerGroup(name, _nodes(members, depth + 1)))
    return tuple(nodes)


def common_group(groups: Iterable[GroupPath]) -> GroupPath:
    """The innermost group that all are in; () where they share none, or there are no groups."""
    shared: list[str] = []
    for names in zip(*groups, strict=False):
        if len(set(names)) > 1:
            break
        shared.append(names[0])
    return tuple(shared)
