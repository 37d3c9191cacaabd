"""The steps by which new layers get what was done to earlier ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from illustrators_depth import editing
from illustrators_depth.editing.restack import restack
from illustrators_depth.types import Layer, LayerStack

from .assigned_pixels import reassign
from .changes import Changes
from .matching import INSIDE_SHARE, differ, share, without

__all__ = ["CarrySteps"]

_MOVES = {"bring_forward", "send_back", "reorder"}


class CarrySteps:
    """The steps of `carry`; each changes `stack`, or adds to `lost`."""

    def __init__(self, work: Changes, new: LayerStack) -> None:
        self.before, self.stack, self.locked = work.before, new, work.locked
        self.base_layers, self.edited_layers, self.ops = (
            work.base_layers,
            work.edited_layers,
            work.ops,
        )
        self.absorbed, self.deleted, self.memory = work.absorbed, work.deleted, work.memory
        self.lost: list[tuple[str, str]] = []

    def merge_layers(self) -> None:
        """Merge what the user had merged."""
        for host in dict.fromkeys(self.absorbed.values()):
            merged, group = self.edited_layers[host], {host}
            group |= {uid for uid, other in self.absorbed.items() if other == host}
            area = merged.visible
            merged_indices = [
                index
                for index, layer in enumerate(self.stack)
                if layer.uid in group
                or (layer.uid not in self.base_layers and share(layer, area) >= INSIDE_SHARE)
            ]
            if not merged_indices:
                self.lost.append(("merge", merged.name))
                continue
            if len(merged_indices) > 1:
                self._merge(merged_indices)
            index = merged_indices[-1] - len(merged_indices) + 1
            self._replace(index, replace(self.stack.layers[index], uid=host, name=merged.name))

    def delete_layers(self) -> None:
        """Delete what the user had deleted."""
        indices = [i for i, layer in enumerate(self.stack) if layer.uid in self.deleted]
        if indices and len(indices) < len(self.stack):
            self.stack = editing.delete(self.stack, indices)

    def insert_layers(self) -> None:
        """Insert what the user had inserted, above the layer that it lay on."""
        for layer in self.before:
            if layer.uid in self.base_layers or layer.uid in self.locked:
                continue
            whole = self._whole_of(layer)
            if whole is not None:
                self.lost.append(("split", whole.name))
            else:
                self._insert(layer)

    def keep_locked(self) -> None:
        """Locked layers as they were, pixel by pixel; others make room for them."""
        for layer in self.before:
            if layer.uid not in self.locked:
                continue
            index = self._place_of(layer.uid)
            if index is None:
                index = self._insert(layer)
            layers = [*self.stack]
            layers[index] = layer
            layers[index + 1 :] = [without(above, layer) for above in layers[index + 1 :]]
            self._restack(layers)

    def assign_pixels(self, areas: dict[int, np.ndarray]) -> None:
        """Move the pixels that the user had moved to other layers."""
        names = {uid: self.edited_layers[uid].name for uid in areas}
        self.stack, lost = reassign(self.stack, areas, names)
        self.lost += [("assign", name) for name in lost]

    def rename_and_recolor(self) -> None:
        """Rename and recolor what the user had renamed and recolored."""
        for uid, layer in self.edited_layers.items():
            base_layer, index = self.base_layers.get(uid), self._place_of(uid)
            if base_layer is None or uid in self.locked or uid in self.absorbed.values():
                continue
            renamed = "rename" in self.ops and layer.name != base_layer.name
            colored = "recolor" in self.ops and differ(layer.color, base_layer.color)
            grouped = "group" in self.ops and layer.group != base_layer.group
            if index is None:
                if renamed or colored or grouped or layer.hidden:
                    self.lost.append(("layer", layer.name))
                continue
            if colored:
                self._recolor(index, layer.color)
            if renamed:
                self._replace(index, replace(self.stack.layers[index], name=layer.name))
            if grouped:
                self._replace(index, replace(self.stack.layers[index], group=layer.group))

    def reorder_layers(self) -> None:
        """Layers in the order of before where the user had changed it."""
        if not self.ops & _MOVES:
            return
        indices = [i for i, layer in enumerate(self.stack) if layer.uid in self.edited_layers]
        rank = {layer.uid: number for number, layer in enumerate(self.before)}
        ranked = sorted(indices, key=lambda i: rank[self.stack.layers[i].uid])
        if ranked != indices:
            order = [*range(len(self.stack))]
            for target, index in zip(indices, ranked, strict=True):
                order[target] = index
            self.stack = editing.reorder(self.stack, order)

    def hide_layers(self) -> None:
        """Hide what the user had hidden, and show what the user had shown of a file's."""
        changed = {
            layer.uid: layer.hidden
            for layer in self.before
            if layer.uid not in self.base_layers
            or layer.hidden != self.base_layers[layer.uid].hidden
        }
        for hidden in (True, False):
            indices = [
                i
                for i, x in enumerate(self.stack)
                if changed.get(x.uid) == hidden and x.hidden != hidden
            ]
            if indices:
                self.stack = editing.hide(self.stack, indices, hidden)

    def _merge(self, merged_indices: list[int]) -> None:
        """Unite layers in the place of the last of them."""
        between = self.stack.layers[merged_indices[0] : merged_indices[-1] + 1]
        relative = tuple(index - merged_indices[0] for index in merged_indices)
        index = merged_indices[-1] - len(merged_indices) + 1

        def merge_members() -> Layer:
            return editing.merge(self.stack, merged_indices).layers[index]

        merged = self.memory.get(("merge", relative), between, merge_members)
        kept = [x for i, x in enumerate(self.stack.layers) if i not in merged_indices]
        self._restack([*kept[:index], merged, *kept[index:]])

    def _recolor(self, index: int, color: tuple[float, float, float]) -> None:
        layer = self.stack.layers[index]

        def recolored() -> Layer:
            return editing.recolor(self.stack, index, color).layers[index]

        recolored_layer = self.memory.get(("recolor", color), [layer], recolored)
        self._replace(
            index, replace(layer, rgba_crop=recolored_layer.rgba_crop, color=recolored_layer.color)
        )

    def _whole_of(self, piece: Layer) -> Layer | None:
        """The layer of the base that a layer was split from; None if it came from elsewhere."""
        if "split" not in self.ops:
            return None
        for uid, whole in self.base_layers.items():
            rest = self.edited_layers.get(uid)
            inside = share(piece, whole.mask) >= INSIDE_SHARE
            if inside and rest is not None and share(piece, rest.mask) < 1.0 - INSIDE_SHARE:
                return whole
        return None

    def _place_of(self, uid: int) -> int | None:
        return next((i for i, layer in enumerate(self.stack) if layer.uid == uid), None)

    def _insert(self, layer: Layer) -> int:
        """Put in a layer of before above the nearest one below it that is still there."""
        reorder_layers = [x.uid for x in self.before]
        below = reversed(reorder_layers[: reorder_layers.index(layer.uid)])
        indices = (self._place_of(uid) for uid in below)
        index = next((index + 1 for index in indices if index is not None), 0)
        self._restack([*self.stack.layers[:index], layer, *self.stack.layers[index:]])
        return index

    def _replace(self, index: int, layer: Layer) -> None:
        layers = [*self.stack]
        layers[index] = layer
        self.stack = self.stack.with_layers(tuple(layers))

    def _restack(self, layers: Iterable[Layer]) -> None:
        self.stack = restack(self.stack, [*layers], {"op": "carry"})
