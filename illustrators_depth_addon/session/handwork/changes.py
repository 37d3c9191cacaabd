"""What tells edited layers from those that they were made from."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from illustrators_depth.types import Layer, LayerStack

from .assigned_pixels import assigned_areas
from .history import HISTORY, base_uids
from .layer_cache import LayerCache
from .matching import INSIDE_SHARE, share, with_uids

__all__ = ["Changes"]

# Two layers show the same pixels if they differ by less, of 1.
_SAME_COLOR = 0.02


class Changes:
    """What was done to `base` to get `before`.

    Attributes:
        before, base: the edited layers, and those they were made from with the uids they had then.
        locked: uids of layers of `before` that stay as they are.
        by_name: whether layers of one name are the same.
        was, now: layers of `base` and of `before` by uid.
        ops: names of the edits.
        absorbed: uid of a layer that was merged into another -> uid of that.
        deleted: uids of layers that were deleted.
        gained: uid -> pixels that were moved to the layer, bool (H, W).
        memory: layers made so far.
    """

    def __init__(
        self,
        before: LayerStack,
        base: LayerStack,
        locked: Collection[int] = (),
        by_name: bool = False,
    ) -> None:
        self.before, self.locked, self.by_name = before, frozenset(locked), by_name
        self.base = with_uids(base, base_uids(before))
        self.was = {layer.uid: layer for layer in self.base}
        self.now = {layer.uid: layer for layer in before}
        self.ops = {event.get("op") for event in before.meta.get(HISTORY, [])}
        gone = [layer for layer in self.base if layer.uid not in self.now]
        home = {layer.uid: self._home_of(layer) for layer in gone}
        self.absorbed = {uid: host for uid, host in home.items() if host is not None}
        self.deleted = [uid for uid, host in home.items() if host is None]
        grown = (*self.absorbed.values(), *self.locked)
        self.gained = assigned_areas(self.was, self.now, grown) if "assign" in self.ops else {}
        self.memory = LayerCache()

    def _home_of(self, gone: Layer) -> int | None:
        """The uid of the layer that a layer of the base was merged into; None if it was deleted."""
        if not self.ops & {"merge", "threshold"}:
            return None
        seen = gone.visible
        for layer in self.before:
            if layer.uid in self.was and share(gone, layer.mask) >= INSIDE_SHARE:
                there = seen & layer.mask
                apart = layer.rgba[there][:, :3] - gone.rgba[there][:, :3]
                if "recolor" in self.ops or float(np.abs(apart).mean()) < _SAME_COLOR:
                    return layer.uid
        return None
