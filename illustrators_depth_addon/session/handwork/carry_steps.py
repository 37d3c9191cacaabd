"""The steps by which new layers get what was done to earlier ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from illustrators_depth import editing
from illustrators_depth.editing.restack import restack
from illustrators_depth.types import Layer, LayerStack

from .assigned_pixels import assign_again
from .changes import Changes
from .matching import INSIDE_SHARE, differ, share, without

__all__ = ["CarrySteps"]

_MOVES = {"bring_forward", "send_back", "reorder"}


class CarrySteps:
    """The steps of `carry`; each changes `stack`, or adds to `lost`."""

    def __init__(self, work: Changes, new: LayerStack) -> None:
        self.before, self.stack, self.locked = work.before, new, work.locked
        self.was, self.now, self.ops = work.was, work.now, work.ops
        self.absorbed, self.deleted, self.memory = work.absorbed, work.deleted, work.memory
        self.lost: list[tuple[str, str]] = []

    def unite(self) -> None:
        """Merge what the user had merged."""
        for host in dict.fromkeys(self.absorbed.values()):
            merged, group = self.now[host], {host}
            group |= {uid for uid, other in self.absorbed.items() if other == host}
            area = merged.visible
            members = [
                index
                for index, layer in enumerate(self.stack)
                if layer.uid in group
                or (layer.uid not in self.was and share(layer, area) >= INSIDE_SHARE)
            ]
            if not members:
                self.lost.append(("merge", merged.name))
                continue
            if len(members) > 1:
                self._merge(members)
            place = members[-1] - len(members) + 1
            self._put(place, replace(self.stack.layers[place], uid=host, name=merged.name))

    def take_out(self) -> None:
        """Delete what the user had deleted."""
        places = [i for i, layer in enumerate(self.stack) if layer.uid in self.deleted]
        if places and len(places) < len(self.stack):
            self.stack = editing.delete(self.stack, places)

    def put_in(self) -> None:
        """Insert what the user had inserted, above the layer that it lay on."""
        for layer in self.before:
            if layer.uid in self.was or layer.uid in self.locked:
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
            place = self._place_of(layer.uid)
            if place is None:
                place = self._insert(layer)
            layers = [*self.stack]
            layers[place] = layer
            layers[place + 1 :] = [without(above, layer) for above in layers[place + 1 :]]
            self._restack(layers)

    def give_pixels(self, areas: dict[int, np.ndarray]) -> None:
        """Move the pixels that the user had moved to other layers."""
        names = {uid: self.now[uid].name for uid in areas}
        self.stack, lost = assign_again(self.stack, areas, names)
        self.lost += [("assign", name) for name in lost]

    def name_and_color(self) -> None:
        """Rename and recolor what the user had renamed and recolored."""
        for uid, layer in self.now.items():
            was, place = self.was.get(uid), self._place_of(uid)
            if was is None or uid in self.locked or uid in self.absorbed.values():
                continue
            renamed = "rename" in self.ops and layer.name != was.name
            colored = "recolor" in self.ops and differ(layer.color, was.color)
            grouped = "group" in self.ops and layer.group != was.group
            if place is None:
                if renamed or colored or grouped or layer.hidden:
                    self.lost.append(("layer", layer.name))
                continue
            if colored:
                self._recolor(place, layer.color)
            if renamed:
                self._put(place, replace(self.stack.layers[place], name=layer.name))
            if grouped:
                self._put(place, replace(self.stack.layers[place], group=layer.group))

    def order(self) -> None:
        """Layers in the order of before where the user had changed it."""
        if not self.ops & _MOVES:
            return
        places = [i for i, layer in enumerate(self.stack) if layer.uid in self.now]
        rank = {layer.uid: number for number, layer in enumerate(self.before)}
        ranked = sorted(places, key=lambda i: rank[self.stack.layers[i].uid])
        if ranked != places:
            order = [*range(len(self.stack))]
            for place, index in zip(places, ranked, strict=True):
                order[place] = index
            self.stack = editing.reorder(self.stack, order)

    def hide(self) -> None:
        """Hide what the user had hidden, and show what the user had shown of a file's."""
        changed = {
            layer.uid: layer.hidden
            for layer in self.before
            if layer.uid not in self.was or layer.hidden != self.was[layer.uid].hidden
        }
        for hidden in (True, False):
            places = [
                i
                for i, x in enumerate(self.stack)
                if changed.get(x.uid) == hidden and x.hidden != hidden
            ]
            if places:
                self.stack = editing.hide(self.stack, places, hidden)

    def _merge(self, members: list[int]) -> None:
        """Unite layers in the place of the last of them."""
        between = self.stack.layers[members[0] : members[-1] + 1]
        relative = tuple(index - members[0] for index in members)
        place = members[-1] - len(members) + 1

        def united() -> Layer:
            return editing.merge(self.stack, members).layers[place]

        merged = self.memory.get(("merge", relative), between, united)
        kept = [x for i, x in enumerate(self.stack.layers) if i not in members]
        self._restack([*kept[:place], merged, *kept[place:]])

    def _recolor(self, place: int, color: tuple[float, float, float]) -> None:
        layer = self.stack.layers[place]

        def recolored() -> Layer:
            return editing.recolor(self.stack, place, color).layers[place]

        made = self.memory.get(("recolor", color), [layer], recolored)
        self._put(place, replace(layer, rgba_crop=made.rgba_crop, color=made.color))

    def _whole_of(self, piece: Layer) -> Layer | None:
        """The layer of the base that a layer was split from; None if it came from elsewhere."""
        if "split" not in self.ops:
            return None
        for uid, whole in self.was.items():
            rest = self.now.get(uid)
            inside = share(piece, whole.mask) >= INSIDE_SHARE
            if inside and rest is not None and share(piece, rest.mask) < 1.0 - INSIDE_SHARE:
                return whole
        return None

    def _place_of(self, uid: int) -> int | None:
        return next((i for i, layer in enumerate(self.stack) if layer.uid == uid), None)

    def _insert(self, layer: Layer) -> int:
        """Put in a layer of before above the nearest one below it that is still there."""
        order = [x.uid for x in self.before]
        below = reversed(order[: order.index(layer.uid)])
        places = (self._place_of(uid) for uid in below)
        place = next((place + 1 for place in places if place is not None), 0)
        self._restack([*self.stack.layers[:place], layer, *self.stack.layers[place:]])
        return place

    def _put(self, place: int, layer: Layer) -> None:
        layers = [*self.stack]
        layers[place] = layer
        self.stack = self.stack.with_layers(tuple(layers))

    def _restack(self, layers: Iterable[Layer]) -> None:
        self.stack = restack(self.stack, [*layers], {"op": "carry"})
