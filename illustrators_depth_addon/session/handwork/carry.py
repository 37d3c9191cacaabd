"""Do to new layers what was done to earlier ones of the same picture."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from illustrators_depth import editing
from illustrators_depth.types import LayerStack

from .carry_steps import CarrySteps
from .changes import Changes
from .history import BASE, HISTORY
from .matching import with_new_uids

__all__ = ["Carried", "Handwork", "carry"]


@dataclass(frozen=True)
class Carried:
    """Layers with the user's changes, and what of those has no place in them.

    Attributes:
        stack: the layers.
        lost: kind ("layer", "merge", "split", "assign", "all") and name of what is lost.
    """

    stack: LayerStack
    lost: tuple[tuple[str, str], ...] = ()


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


class Handwork(Changes):
    """What tells edited layers from those that they were made from; see `carry`.

    It remembers what it made of layers, for the next time that they come as they were.
    """

    def carried_to(self, new: LayerStack, last: LayerStack | None = None) -> Carried:
        """New layers with what was done to these, see `carry`."""
        same = not self.by_name and self.base.meta == new.meta
        if same and np.array_equal(self.base.labels, new.labels):
            return Carried(self.before)  # as it was: nothing has to be carried anywhere
        partners = editing.carry_uids(self.base, new, self.by_name)
        new = with_new_uids(self.before, self.base, partners, last)
        steps = CarrySteps(self, new)
        steps.merge_layers()
        steps.delete_layers()
        steps.insert_layers()
        steps.keep_locked()
        steps.assign_pixels(self.gained)
        steps.rename_and_recolor()
        steps.reorder_layers()
        steps.hide_layers()
        own_uids = [layer.uid for layer in new]
        meta = {**new.meta, HISTORY: self.before.meta.get(HISTORY, []), BASE: own_uids}
        return Carried(replace(steps.stack, meta=meta), tuple(dict.fromkeys(steps.lost)))
