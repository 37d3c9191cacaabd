"""Edges over translucent paint: the layers together have the picture's own colour and alpha.

Beside an opaque layer a pixel of a shadow is a blend of both, and so is its alpha. The upper layer
tells one part of the blend by its coverage; the layer that is seen there takes what is left, in
alpha as in colour (Porter and Duff 1984, "over", solved for one of its layers). Where the other
layers alone show more than the picture has, they cover less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...types import Layer
from ...types.packed_pixels import take_pixels
from ..compositing.quantize import EIGHT_BITS

__all__ = ["TranslucentEdges"]

# Outside its mask a layer covers less than half of a pixel.
_MAX_OUTSIDE = np.float32(127.0 / 255.0)
# Below this (alpha or premultiplied colour, 0..1) a layer shows nothing in 8 bits.
_TINY = np.float32(1e-3)
# More than there is room for by less than this is arithmetic's.
_ROUNDING = np.float32(1e-4)

Pixels = NDArray[np.float32]


@dataclass(frozen=True)
class TranslucentEdges:
    """n pixels at edges, by rising rows, each with the layer that answers for it.

    Attributes:
        rows, cols: int (n,), where they are.
        owner: int (n,), the index of the layer that answers.
        outside: bool (n,), the owner is not seen there, but ends beside it.
        seen: float32 (n, 4), the picture, premultiplied.
    """

    rows: NDArray[np.intp]
    cols: NDArray[np.intp]
    owner: NDArray[np.intp]
    outside: NDArray[np.bool_]
    seen: Pixels

    def patches(
        self, layers: list[Layer], levels: np.float32
    ) -> dict[int, tuple[NDArray[np.intp], NDArray[np.intp], Pixels]]:
        """What each layer becomes: rows and columns in its window, straight float32 pixels (m, 4).

        Args:
            layers: bottom to top.
            levels: colours are kept in so many.
        """
        over, under = self._around(layers, None)
        shares = _largest_shares(self.seen, over, under)
        over, under = self._around(layers, shares)
        solved = self._solved(over, under, levels)
        changes = {}
        for index, layer in enumerate(layers):
            inside, at, pixels = self._inside(layer)
            own = self.owner[inside] == index
            before = pixels.copy()
            pixels[own] = solved[inside[own]]
            _cover_less(pixels, self._share(index, inside, shares), ~own)
            changed = np.flatnonzero((pixels != before).any(axis=1))
            if len(changed):
                changes[index] = at[0][changed], at[1][changed], pixels[changed]
        return changes

    def _inside(
        self, layer: Layer
    ) -> tuple[NDArray[np.intp], tuple[NDArray[np.intp], NDArray[np.intp]], Pixels]:
        """Which places lie in a layer's window, where in it, and the layer's pixels there."""
        top, left, bottom, right = layer.window
        first, last = np.searchsorted(self.rows, (top, bottom))
        part = self.cols[first:last]
        inside = np.flatnonzero((part >= left) & (part < right)) + first
        at = self.rows[inside] - top, self.cols[inside] - left
        return inside, at, take_pixels(layer.pixels, at)

    def _share(self, index: int, inside: NDArray[np.intp], shares: tuple[Pixels, Pixels]) -> Pixels:
        """How much of its coverage a layer keeps where it is not the owner."""
        over, under = shares
        return np.where(self.owner[inside] < index, over[inside], under[inside])

    def _around(
        self, layers: list[Layer], shares: tuple[Pixels, Pixels] | None
    ) -> tuple[Pixels, Pixels]:
        """The layers above each place's owner, flattened, and those below, premultiplied (n, 4)."""
        over, under = np.zeros_like(self.seen), np.zeros_like(self.seen)
        for index, layer in enumerate(layers):
            inside, _, pixels = self._inside(layer)
            if shares is not None:
                _cover_less(pixels, self._share(index, inside, shares))
            pixels[:, :3] *= pixels[:, 3:]
            for part, chosen in (
                (over, self.owner[inside] < index),
                (under, self.owner[inside] > index),
            ):
                places, own = inside[chosen], pixels[chosen]
                part[places] = own + part[places] * (1.0 - own[:, 3:])
        return over, under

    def _solved(self, over: Pixels, under: Pixels, levels: np.float32) -> Pixels:
        """The owner's straight pixels (n, 4) that between both give what is seen."""
        rest = _between(self.seen, over)
        alpha = (rest[:, 3] - under[:, 3]) / np.maximum(1.0 - under[:, 3], _TINY)
        alpha = np.clip(alpha, 0.0, np.where(self.outside, _MAX_OUTSIDE, np.float32(1.0)))
        alpha = (np.rint(alpha * EIGHT_BITS) / EIGHT_BITS)[:, None]
        color = (rest[:, :3] - under[:, :3] * (1.0 - alpha)) / np.maximum(alpha, _TINY)
        color = np.rint(np.clip(color, 0.0, 1.0) * levels) / levels
        return np.concatenate([color, alpha], axis=1).astype(np.float32)


def _between(seen: Pixels, over: Pixels) -> Pixels:
    """What must lie below some layers for what is seen, premultiplied (n, 4)."""
    return (seen - over) / np.maximum(1.0 - over[:, 3:], _TINY)


def _largest_shares(seen: Pixels, over: Pixels, under: Pixels) -> tuple[Pixels, Pixels]:
    """How much of their coverage the layers above and below an owner can keep, 0..1, (n,) each.

    All premultiplied (n, 4). The owner's alpha must be 0 to 1 and each colour of it 0 to 1, too:
    bounds that are linear in the share. First the layers above must leave a possible pixel for the
    rest, then those below one for the owner.
    """
    share_over = _within_alpha(seen, over)
    rest = _between(seen, over * share_over[:, None])
    # What the layers below show beside an owner of any colour, per alpha that it leaves them.
    color = under[:, :3] * (1.0 - rest[:, 3:]) + rest[:, :3] * under[:, 3:]
    needed = np.concatenate([color, under[:, 3:]], axis=1)
    return share_over, _within_alpha(rest, needed)


def _within_alpha(room: Pixels, needed: Pixels) -> Pixels:
    """The largest share of what is needed, premultiplied (n, 4), that there is room for, (n,)."""
    color, alpha = room[:, :3], room[:, 3:]
    needed_color, needed_alpha = needed[:, :3], needed[:, 3:]
    return _smallest_ratio(
        np.concatenate([room, alpha - color], axis=1),
        np.concatenate([needed, needed_alpha - needed_color], axis=1),
    )


def _smallest_ratio(room: Pixels, needed: Pixels) -> Pixels:
    """The largest share, 0..1, at which share times `needed` (n, k) is within `room`, (n,)."""
    tight = needed > room + _ROUNDING
    ratio = np.where(tight, np.maximum(room, 0.0) / np.maximum(needed, _TINY), np.float32(1.0))
    return np.asarray(np.minimum(ratio.min(axis=1), 1.0), np.float32)


def _cover_less(
    pixels: Pixels, share: Pixels, chosen: NDArray[np.bool_] | slice = slice(None)
) -> None:
    """Reduce the coverage of straight pixels (n, 4) to a share of it, in steps of 8 bits."""
    less = np.floor(pixels[:, 3] * share * EIGHT_BITS + 1e-3) / EIGHT_BITS
    pixels[chosen, 3] = np.where(share < 1.0, less, pixels[:, 3])[chosen]
