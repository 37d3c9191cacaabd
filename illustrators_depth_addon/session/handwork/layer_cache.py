"""A cache of layers that were made from others, such as merged or recolored ones."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

from illustrators_depth.types import Layer

__all__ = ["LayerCache"]

# Merged and recolored layers that are kept: as many as a stack is likely to have.
_MAX_REMEMBERED = 32


class LayerCache:
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
