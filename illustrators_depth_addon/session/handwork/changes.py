"""The differences between edited layers and the layers that they were made from."""

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
        base_layers, edited_layers: layers of `base` and of `before` by uid.
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
        self.base_layers = {layer.uid: layer for layer in self.base}
        self.edited_layers = {layer.uid: layer for layer in before}
        self.ops = {event.get("op") for event in before.meta.get(HISTORY, [])}
        missing = [layer for layer in self.base if layer.uid not in self.edited_layers]
        hosts = {layer.uid: self._host_of(layer) for layer in missing}
        self.absorbed = {uid: host for uid, host in hosts.items() if host is not None}
        self.deleted = [uid for uid, host in hosts.items() if host is None]
        grown = (*self.absorbed.values(), *self.locked)
        self.gained = (
            assigned_areas(self.base_layers, self.edited_layers, grown)
            if "assign" in self.ops
            else {}
        )
        self.memory = LayerCache()

    def _host_of(self, missing: Layer) -> int | None:
        """The uid of the layer that a layer of the base was merged into; None if it was deleted."""
        if not self.ops & {"merge", "threshold"}:
            return None
        visible = missing.visible
        for layer in self.before:
            if layer.uid in self.base_layers and share(missing, layer.mask) >= INSIDE_SHARE:
                shared = visible & layer.mask
                differences = layer.rgba[shared][:, :3] - missing.rgba[shared][:, :3]
                if "recolor" in self.ops or float(np.abs(differences).mean()) < _SAME_COLOR:
                    return layer.uid
        return None
