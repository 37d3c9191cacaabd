"""What the user did to layers by hand, found again in layers made anew from the same picture.

Three stacks meet here: `base`, as the layers once came from the picture; `before`, what the user
made of it; `new`, as they come from the picture now. What tells `before` from `base` is done to
`new` where its layers match those of `base`. Plain functions over the engine's nouns; nothing here
knows Blender.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from illustrators_depth import editing
from illustrators_depth.editing.restack import restack
from illustrators_depth.types import Layer, LayerStack

from .assigned import assign_again, assigned_areas

__all__ = ["Carried", "Handwork", "base_uids", "carry", "has_handwork", "with_base"]

# Keys of a stack's `meta`: the edits since it came from the picture, and the uids it had then.
_HISTORY, _BASE = "history", "base_uids"

# A layer lies inside another with this share of what is seen of it.
_INSIDE = 0.8
# Two layers show the same pixels if they differ by less, of 1.
_SAME_COLOR = 0.02
# Merged and recolored layers that are kept: as many as a stack is likely to have.
_MAX_REMEMBERED = 32

_MOVES = {"bring_forward", "send_back", "reorder"}


@dataclass(frozen=True)
class Carried:
    """Layers with the user's changes, and what of those has no place in them.

    Attributes:
        stack: the layers.
        lost: kind ("layer", "merge", "split", "assign", "all") and name of what is lost.
    """

    stack: LayerStack
    lost: tuple[tuple[str, str], ...] = ()


def has_handwork(stack: LayerStack) -> bool:
    """Whether the stack was edited since it came from the picture, and how is known."""
    return bool(stack.meta.get(_HISTORY)) and bool(stack.meta.get(_BASE))


def base_uids(stack: LayerStack) -> list[int]:
    """The uids that the stack's layers had when they came from the picture, bottom to top."""
    return [int(uid) for uid in stack.meta.get(_BASE) or [layer.uid for layer in stack]]


def with_base(stack: LayerStack, base: Sequence[int]) -> LayerStack:
    """The stack, knowing the uids that its layers had when they came from the picture."""
    if stack.meta.get(_BASE):
        return stack
    return replace(stack, meta={**stack.meta, _BASE: [int(uid) for uid in base]})


def carry(
    before: LayerStack,
    base: LayerStack,
    new: LayerStack,
    locked: Collection[int] = (),
    last: LayerStack | None = None,
    by_name: bool = False,
) -> Carried:
    """Do to `new` what was done to `base` to get `before`.

    Args:
        before: the edited layers, which know their base (`with_base`).
        base: the layers it was made from, in the order of the base's uids.
        new: the same picture taken apart in another way.
        locked: uids of layers of `before` that stay as they are, pixels included.
        last: layers carried over from `before` earlier; what is new in them and in `new` alike
            keeps its uid.
        by_name: layers of one name are the same, as in a file that was changed and read again;
            else place alone decides.

    Returns:
        The new layers, with uids of `before` where a layer is the same, and the changes that have
        no place in them.
    """
    return Handwork(before, base, locked, by_name).carried_to(new, last)


class Handwork:
    """What tells edited layers from those that they were made from; see `carry`.

    It remembers what it made of layers, for the next time that they come as they were.
    """

    def __init__(
        self,
        before: LayerStack,
        base: LayerStack,
        locked: Collection[int] = (),
        by_name: bool = False,
    ) -> None:
        self.before, self.locked, self.by_name = before, frozenset(locked), by_name
        self.base = _with_uids(base, base_uids(before))
        self.was = {layer.uid: layer for layer in self.base}
        self.now = {layer.uid: layer for layer in before}
        self.ops = {event.get("op") for event in before.meta.get(_HISTORY, [])}
        gone = [layer for layer in self.base if layer.uid not in self.now]
        home = {layer.uid: self._home_of(layer) for layer in gone}
        self.absorbed = {uid: host for uid, host in home.items() if host is not None}
        self.deleted = [uid for uid, host in home.items() if host is None]
        grown = (*self.absorbed.values(), *self.locked)
        self.gained = assigned_areas(self.was, self.now, grown) if "assign" in self.ops else {}
        self.memory = _Memory()

    def carried_to(self, new: LayerStack, last: LayerStack | None = None) -> Carried:
        """New layers with what was done to these, see `carry`."""
        same = not self.by_name and self.base.meta == new.meta
        if same and np.array_equal(self.base.labels, new.labels):
            return Carried(self.before)  # as it was: nothing has to be carried anywhere
        partners = editing.carry_uids(self.base, new, self.by_name)
        new = _apart_from(self.before, self.base, partners, last)
        carrying = _Carrying(self, new)
        carrying.unite()
        carrying.take_out()
        carrying.put_in()
        carrying.keep_locked()
        carrying.give_pixels(self.gained)
        carrying.name_and_color()
        carrying.order()
        carrying.hide()
        own_uids = [layer.uid for layer in new]
        meta = {**new.meta, _HISTORY: self.before.meta.get(_HISTORY, []), _BASE: own_uids}
        return Carried(replace(carrying.stack, meta=meta), tuple(dict.fromkeys(carrying.lost)))

    def _home_of(self, gone: Layer) -> int | None:
        """The uid of the layer that a layer of the base was merged into; None if it was deleted."""
        if not self.ops & {"merge", "threshold"}:
            return None
        seen = gone.visible
        for layer in self.before:
            if layer.uid in self.was and _share(gone, layer.mask) >= _INSIDE:
                there = seen & layer.mask
                apart = layer.rgba[there][:, :3] - gone.rgba[there][:, :3]
                if "recolor" in self.ops or float(np.abs(apart).mean()) < _SAME_COLOR:
                    return layer.uid
        return None


class _Memory:
    """Layers made from others, by the very arrays of those, which are kept with them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], tuple[tuple[Layer, ...], Layer]] = OrderedDict()

    def get(self, key: object, layers: Sequence[Layer], make: Callable[[], Layer]) -> Layer:
        """What `make` returned when it was first asked for with this key and these layers."""
        arrays = [(id(x.rgba_crop), id(x.mask_crop), id(x.visible_crop)) for x in layers]
        entry = key, tuple(arrays), tuple(layer.hidden for layer in layers)
        if entry not in self._kept:
            self._kept[entry] = tuple(layers), make()
        self._kept.move_to_end(entry)
        while len(self._kept) > _MAX_REMEMBERED:
            self._kept.popitem(last=False)
        return self._kept[entry][1]


class _Carrying:
    """The steps of `carry`; each changes `stack`, or adds to `lost`."""

    def __init__(self, work: Handwork, new: LayerStack) -> None:
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
                or (layer.uid not in self.was and _share(layer, area) >= _INSIDE)
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
            layers[place + 1 :] = [_without(above, layer) for above in layers[place + 1 :]]
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
            colored = "recolor" in self.ops and _differ(layer.color, was.color)
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
            inside = _share(piece, whole.mask) >= _INSIDE
            if inside and rest is not None and _share(piece, rest.mask) < 1.0 - _INSIDE:
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


def _with_uids(stack: LayerStack, uids: Sequence[int]) -> LayerStack:
    pairs = zip(stack, uids, strict=True)
    return stack.with_layers(tuple(replace(layer, uid=int(uid)) for layer, uid in pairs))


def _apart_from(
    before: LayerStack, base: LayerStack, new: LayerStack, last: LayerStack | None
) -> LayerStack:
    """`new` with uids for its own layers that no layer of `before` has either.

    They are those that the same layers have in `last`, if it is given.
    """
    known = {layer.uid for layer in base}
    taken = known | {layer.uid for layer in before}
    partners = [0] * len(new)
    if last is not None:
        partners = [layer.uid for layer in editing.carry_uids(last, new)]
        free = {layer.uid for layer in last} - taken
        partners = [uid if uid in free else 0 for uid in partners]
    top = max((*taken, *(layer.uid for layer in last or ())))
    layers = []
    for layer, partner in zip(new, partners, strict=True):
        if layer.uid not in known:
            top += 0 if partner else 1
            layer = replace(layer, uid=partner or top)
        layers.append(layer)
    return new.with_layers(tuple(layers))


def _share(layer: Layer, area: np.ndarray) -> float:
    """Which share of what is seen of a layer, else of its mask, lies in an area, bool (H, W)."""
    own = layer.visible_crop if layer.visible_crop.any() else layer.mask_crop
    count = int(np.count_nonzero(own))
    return float(np.count_nonzero(own & area[layer.box])) / count if count else 0.0


def _without(layer: Layer, other: Layer) -> Layer:
    """A layer with a hole where another one is seen."""
    hole = other.visible[layer.box]
    if not (hole & (layer.rgba_crop[..., 3] > 0.0)).any():
        return layer
    rgba = layer.rgba_crop.copy()
    rgba[hole, 3] = 0.0
    return replace(layer, mask_crop=layer.mask_crop & ~hole, rgba_crop=rgba)


def _differ(one: Sequence[float], other: Sequence[float]) -> bool:
    return any(abs(a - b) > 1.0 / 255.0 for a, b in zip(one, other, strict=True))
