"""Corrects edges over translucent paint, where alpha as well as colour must be the picture's.

Beside an opaque layer a pixel of a shadow is a blend of both, and so is its alpha. The upper
layer's coverage gives its part of the blend. The layer that is seen there, the pixel's owner, takes
the rest, in alpha as in colour (Porter and Duff 1984, "over", solved for one of its layers). Where
the other layers alone show more than the picture has, their coverage is reduced.
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
_MAX_OUTSIDE_ALPHA = np.float32(127.0 / 255.0)
# Below this (alpha or premultiplied colour, 0..1) a layer shows nothing in 8 bits.
_MIN_VISIBLE = np.float32(1e-3)
# What exceeds a bound by less than this is a rounding error.
_ROUNDING = np.float32(1e-4)

Pixels = NDArray[np.float32]


@dataclass(frozen=True)
class TranslucentEdges:
    """n pixels at edges, sorted by row, each with its owner.

    Attributes:
        rows, cols: int (n,), where they are.
        owner: int (n,), the index of the layer that takes what the others leave.
        outside: bool (n,), the owner is not seen there, but ends beside it.
        picture: float32 (n, 4), premultiplied.
    """

    rows: NDArray[np.intp]
    cols: NDArray[np.intp]
    owner: NDArray[np.intp]
    outside: NDArray[np.bool_]
    picture: Pixels

    def patches(
        self, layers: list[Layer], levels: np.float32
    ) -> dict[int, tuple[NDArray[np.intp], NDArray[np.intp], Pixels]]:
        """Changed pixels by layer index: rows and columns in its window, straight float32 (m, 4).

        Args:
            layers: bottom to top.
            levels: steps from 0 to 1, to which colours are rounded.
        """
        over, under = self._around(layers, None)
        shares = _largest_shares(self.picture, over, under)
        if any((share < 1.0).any() for share in shares):
            over, under = self._around(layers, shares)
        solved = self._solved(over, under, levels)
        changes = {}
        for index, layer in enumerate(layers):
            inside, position, pixels = self._inside(layer)
            is_owner = self.owner[inside] == index
            before = pixels.copy()
            pixels[is_owner] = solved[inside[is_owner]]
            _cover_less(pixels, self._share(index, inside, shares), ~is_owner)
            changed = np.flatnonzero((pixels != before).any(axis=1))
            if len(changed):
                changes[index] = position[0][changed], position[1][changed], pixels[changed]
        return changes

    def _inside(
        self, layer: Layer
    ) -> tuple[NDArray[np.intp], tuple[NDArray[np.intp], NDArray[np.intp]], Pixels]:
        """Which places lie in a layer's window, where in it, and the layer's pixels there."""
        top, left, bottom, right = layer.window
        first, last = np.searchsorted(self.rows, (top, bottom))
        part = self.cols[first:last]
        inside = np.flatnonzero((part >= left) & (part < right)) + first
        position = self.rows[inside] - top, self.cols[inside] - left
        return inside, position, take_pixels(layer.pixels, position)

    def _share(self, index: int, inside: NDArray[np.intp], shares: tuple[Pixels, Pixels]) -> Pixels:
        """How much of its coverage a layer keeps where it is not the owner."""
        over, under = shares
        return np.where(self.owner[inside] < index, over[inside], under[inside])

    def _around(
        self, layers: list[Layer], shares: tuple[Pixels, Pixels] | None
    ) -> tuple[Pixels, Pixels]:
        """Composited layers above each place's owner, and those below, premultiplied (n, 4)."""
        over, under = np.zeros_like(self.picture), np.zeros_like(self.picture)
        for index, layer in enumerate(layers):
            inside, _, pixels = self._inside(layer)
            if shares is not None:
                _cover_less(pixels, self._share(index, inside, shares))
            pixels[:, :3] *= pixels[:, 3:]
            for side, chosen in (
                (over, self.owner[inside] < index),
                (under, self.owner[inside] > index),
            ):
                places, layer_pixels = inside[chosen], pixels[chosen]
                side[places] = layer_pixels + side[places] * (1.0 - layer_pixels[:, 3:])
        return over, under

    def _solved(self, over: Pixels, under: Pixels, levels: np.float32) -> Pixels:
        """The owner's straight pixels (n, 4) that show the picture between `under` and `over`."""
        rest = _remainder(self.picture, over)
        alpha = (rest[:, 3] - under[:, 3]) / np.maximum(1.0 - under[:, 3], _MIN_VISIBLE)
        alpha = np.clip(alpha, 0.0, np.where(self.outside, _MAX_OUTSIDE_ALPHA, np.float32(1.0)))
        alpha = (np.rint(alpha * EIGHT_BITS) / EIGHT_BITS)[:, None]
        color = (rest[:, :3] - under[:, :3] * (1.0 - alpha)) / np.maximum(alpha, _MIN_VISIBLE)
        color = np.rint(np.clip(color, 0.0, 1.0) * levels) / levels
        return np.concatenate([color, alpha], axis=1).astype(np.float32)


def _remainder(picture: Pixels, over: Pixels) -> Pixels:
    """What must lie below the layers `over` for them to show the picture, premultiplied (n, 4)."""
    return (picture - over) / np.maximum(1.0 - over[:, 3:], _MIN_VISIBLE)


def _largest_shares(picture: Pixels, over: Pixels, under: Pixels) -> tuple[Pixels, Pixels]:
    """How much of their coverage the layers above and below an owner can keep, 0..1, (n,) each.

    All premultiplied (n, 4). The owner's alpha and colours must lie between 0 and 1, which bounds
    the shares linearly. First the layers above must leave a possible pixel for all others, then
    those below one for the owner.
    """
    share_over = _within_alpha(picture, over)
    rest = _remainder(picture, over * share_over[:, None])
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
    exceeds = needed > room + _ROUNDING
    ratio = np.where(
        exceeds, np.maximum(room, 0.0) / np.maximum(needed, _MIN_VISIBLE), np.float32(1.0)
    )
    return np.asarray(np.minimum(ratio.min(axis=1), 1.0), np.float32)


def _cover_less(
    pixels: Pixels, share: Pixels, chosen: NDArray[np.bool_] | slice = slice(None)
) -> None:
    """Reduce the coverage of straight pixels (n, 4) to a share of it, in steps of 8 bits."""
    reduced = np.floor(pixels[:, 3] * share * EIGHT_BITS + 1e-3) / EIGHT_BITS
    pixels[chosen, 3] = np.where(share < 1.0, reduced, pixels[:, 3])[chosen]
