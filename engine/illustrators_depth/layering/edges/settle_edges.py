"""The last word at the edges: where the layers together do not show the picture's pixel.

Beside a layer, on the pixels of the one below it, the upper one's coverage explains a blend of the
two. Where a third paint shows there, such as an outline thinner than a pixel, no coverage does. The
layer that is seen there then takes the colour that makes the layers show the picture; where nothing
counts as seen, on the clear ground of a drawing, the layer that ends there does. Where no colour of
it is enough, the layers above it are cleared there.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ...types import Layer
from ...types.packed_pixels import PackedPixels, put_pixels, take_pixels
from ..compositing.quantize import EIGHT_BITS
from .coverage import RIGHT_DISTANCE, WRONG_DISTANCE
from .faint_rims import FaintRims
from .translucent_edges import TranslucentEdges

__all__ = ["SettledArrays", "settle_edges"]

# A layer that shows through by less than this is not to blame for what is seen.
_MIN_SHARE = 0.3
_MAX_KEPT_BYTES = 1 << 28
# Outside its mask a layer covers less than half of a pixel.
_OPAQUE = 0.98
_MAX_OUTSIDE = 127.0 / 255.0
# Over translucent paint less than this (premultiplied RGBA, L2) is right.
_MIN_WRONG = 0.25 / 255.0
_SQUARE = np.ones((3, 3), np.uint8)


Patch = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]


class SettledArrays:
    """Pixels of layers with patches, so that the same patches of the same pixels are one array."""

    def __init__(self) -> None:
        self._entries: OrderedDict[
            int, tuple[NDArray[np.float32], list[Patch], NDArray[np.float32]]
        ] = OrderedDict()
        self._bytes = 0

    def patched(self, rgba: NDArray[np.float32], patches: list[Patch]) -> NDArray[np.float32]:
        """A copy of `rgba` (h, w, 4) with each patch (rows, columns, pixels) in place."""
        entry = self._entries.pop(id(rgba), None)
        if entry is not None:
            self._bytes -= entry[2].nbytes
        if entry is None or entry[0] is not rgba or not _same(entry[1], patches):
            patched = rgba.copy()
            _patch(patched, patches)
            entry = rgba, patches, patched
        self._entries[id(rgba)] = entry
        self._bytes += entry[2].nbytes
        while self._bytes > _MAX_KEPT_BYTES and len(self._entries) > 1:
            self._bytes -= self._entries.popitem(last=False)[1][2].nbytes
        return entry[2]


def _patch(rgba: NDArray[np.float32] | PackedPixels, patches: list[Patch]) -> None:
    for rows, cols, pixels in patches:
        put_pixels(rgba, (rows, cols), pixels)


def _same(one: list[Patch], other: list[Patch]) -> bool:
    return len(one) == len(other) and all(
        np.array_equal(a, b)
        for first, second in zip(one, other, strict=True)
        for a, b in zip(first, second, strict=True)
    )


@dataclass(frozen=True)
class _Places:
    """n pixels at edges, premultiplied: whether nothing is seen there, what is seen, what lies
    below the layer that answers for it, what is missing, how far that layer shows, and how much of
    what is missing it makes up for; whether the picture lets nothing through."""

    clear: NDArray[np.bool_]
    seen: NDArray[np.float32]
    below: NDArray[np.float32]
    missing: NDArray[np.float32]
    share: NDArray[np.float32]
    weight: NDArray[np.float32]
    solid: bool

    def is_beyond(self, chosen: NDArray[np.intp], own: NDArray[np.float32]) -> NDArray[np.bool_]:
        """At which of some opaque places no colour of a layer (m, 4) shows what is seen."""
        share = self.share[chosen][:, None]
        color = own[:, :3] + self.missing[chosen, :3] / np.maximum(share, 1e-3)
        rest = (color - np.clip(color, 0.0, 1.0)) * share
        far = np.einsum("ij,ij->i", rest, rest) + self.missing[chosen, 3] ** 2
        wrong = (far > WRONG_DISTANCE**2) | (share[:, 0] <= _MIN_SHARE)
        return wrong & self.solid

    def uncovered(self, chosen: NDArray[np.intp], levels: np.float32) -> NDArray[np.float32]:
        """Opaque pixels (m, 4) that show what is seen with nothing above them."""
        pixels = np.clip(self.seen[chosen], 0.0, 1.0)
        pixels[:, :3] = np.rint(pixels[:, :3] * levels) / levels
        pixels[:, 3] = 1.0
        return pixels

    def settled(
        self, chosen: NDArray[np.intp], own: NDArray[np.float32], alone: bool, levels: np.float32
    ) -> NDArray[np.float32]:
        """What a layer becomes at some of the places, given (m, 4) what it is there."""
        weight = self.weight[chosen][:, None]
        if alone:
            target = _alone(self.seen[chosen], self.below[chosen], self.clear[chosen])
            own += weight * (target - own)
            own[:, 3] = np.rint(own[:, 3] * EIGHT_BITS) / EIGHT_BITS
        else:
            own[:, :3] += (
                weight * self.missing[chosen, :3] / np.maximum(self.share[chosen], 1e-3)[:, None]
            )
        own[:, :3] = np.rint(np.clip(own[:, :3], 0.0, 1.0) * levels) / levels
        return own


def settle_edges(
    picture: NDArray[np.float32],
    numbers: NDArray[np.integer],
    layers: list[Layer],
    levels: np.float32,
    kept: SettledArrays | None = None,
    rims: FaintRims | None = None,
) -> list[Layer]:
    """Layers that show the picture where they are seen beside a layer above them.

    Args:
        picture: float32 (H, W, 4), straight alpha.
        numbers: unsigned (H, W), 0 = nothing, 1..N = the layer seen.
        layers: bottom to top.
        levels: colours are kept in so many.
        kept: arrays of earlier calls; what would be the same array again is that one. Without it
            nobody else may hold the layers' pixels: they are written to.
        rims: faint pixels beyond, and their layers.

    Returns:
        the layers; with `kept`, those that change are copies.
    """
    if numbers.dtype.itemsize > 2:  # OpenCV compares no larger numbers
        return layers
    highest, lowest = cv2.dilate(numbers, _SQUARE), cv2.erode(numbers, _SQUARE)
    if rims is not None:
        highest = np.maximum(highest, rims.numbers)
    solid = float(picture[..., 3].min()) > _OPAQUE
    mended = (highest > numbers) | ((lowest == 0) & (numbers > 0))
    rows, cols = np.nonzero(mended if solid else highest > lowest)
    clear = numbers[rows, cols] == 0
    owner = np.where(clear, highest[rows, cols], numbers[rows, cols]).astype(np.intp) - 1
    shown, below, share, above = _composited(layers, rows, cols, owner)
    # Where the ground lets something through, the picture's own alpha tells the coverage.
    alone = clear | ((below[:, 3] < _OPAQUE) & (above > _OPAQUE))
    seen = picture[rows, cols]
    seen[:, :3] *= seen[:, 3:]
    missing = seen - shown
    far = np.sqrt(np.einsum("ij,ij->i", missing, missing))
    # Little by little, so that a rounded picture gives nearly the same.
    some = np.clip((far - RIGHT_DISTANCE) / (WRONG_DISTANCE - RIGHT_DISTANCE), 0.0, 1.0)
    # Where the owner hardly shows, only what is plainly wrong is its to mend.
    some[~alone & (share <= _MIN_SHARE) & ~(solid & (far > WRONG_DISTANCE))] = 0.0
    some[~mended[rows, cols]] = 0.0
    # Over translucent paint alpha is wrong as well as colour, and is solved for.
    wrong = (below[:, 3] < _OPAQUE) & (far > _MIN_WRONG) & (not solid)
    some[(below[:, 3] < _OPAQUE) & (not solid)] = 0.0
    places = _Places(clear, seen, below, missing, share, some, solid)
    patches = _patches(layers, rows, cols, owner, alone, places, levels)
    edges = TranslucentEdges(rows[wrong], cols[wrong], owner[wrong], clear[wrong], seen[wrong])
    for index, patch in edges.patches(layers, levels).items():
        patches.setdefault(index, []).append(patch)
    settled = list(layers)
    for index, changes in patches.items():
        layer = layers[index]
        if kept is None:
            _patch(layer.pixels, changes)
        else:
            settled[index] = replace(layer, rgba_crop=kept.patched(layer.rgba_crop, changes))
    return settled


def _patches(
    layers: list[Layer],
    rows: NDArray[np.intp],
    cols: NDArray[np.intp],
    owner: NDArray[np.intp],
    alone: NDArray[np.bool_],
    places: _Places,
    levels: np.float32,
) -> dict[int, list[Patch]]:
    """What changes in each layer."""
    patches: dict[int, list[Patch]] = {}
    overdone = np.zeros(len(rows), np.bool_)
    for index, mine in _by_owner(owner, places.weight > 0.0):
        layer = layers[index]
        inside = mine[_is_within(layer, rows[mine], cols[mine])]
        own_patches = patches.setdefault(index, [])
        for ground in (False, True):
            chosen = inside[alone[inside] == ground]
            at = rows[chosen] - layer.window[0], cols[chosen] - layer.window[1]
            own = take_pixels(layer.pixels, at)
            if not ground:
                beyond = chosen[places.is_beyond(chosen, own)]
                overdone[beyond] = True
            own = places.settled(chosen, own, ground, levels)
            if not ground:
                own[overdone[chosen]] = places.uncovered(chosen[overdone[chosen]], levels)
            own_patches.append((*at, own))
    _uncover(layers, rows, cols, owner, overdone, patches)
    return patches


def _uncover(
    layers: list[Layer],
    rows: NDArray[np.intp],
    cols: NDArray[np.intp],
    owner: NDArray[np.intp],
    chosen: NDArray[np.bool_],
    patches: dict[int, list[Patch]],
) -> None:
    """Clear the layers above the owner at some places, as further patches."""
    some = np.flatnonzero(chosen)
    if len(some) == 0:
        return
    for index, layer in enumerate(layers):
        above = some[owner[some] < index]
        above = above[_is_within(layer, rows[above], cols[above])]
        if len(above) == 0:
            continue
        at = rows[above] - layer.window[0], cols[above] - layer.window[1]
        pixels = take_pixels(layer.pixels, at)
        pixels[:, 3] = 0.0
        patches.setdefault(index, []).append((*at, pixels))


def _by_owner(
    owner: NDArray[np.intp], chosen: NDArray[np.bool_]
) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Each owner of chosen places, and the places, in their order."""
    places = np.flatnonzero(chosen)
    places = places[np.argsort(owner[places], kind="stable")]
    for mine in np.split(places, np.flatnonzero(np.diff(owner[places])) + 1):
        if len(mine):
            yield int(owner[mine[0]]), mine


def _composited(
    layers: list[Layer], rows: NDArray[np.intp], cols: NDArray[np.intp], owner: NDArray[np.intp]
) -> tuple[NDArray[np.float32], ...]:
    """The layers flattened at n places, premultiplied: all of them, those below each place's owner,
    both (n, 4); how far the owner shows, and what those above it let through, (n,)."""
    shown, below = np.zeros((len(rows), 4), np.float32), np.zeros((len(rows), 4), np.float32)
    share, above = np.zeros(len(rows), np.float32), np.ones(len(rows), np.float32)
    for index, layer in enumerate(layers):
        inside = _within(layer, rows, cols)
        top, left, _, _ = layer.window
        own = take_pixels(layer.pixels, (rows[inside] - top, cols[inside] - left))
        alpha = own[:, 3:].copy()
        own[:, :3] *= alpha
        mine = owner[inside] == index
        below[inside[mine]] = shown[inside[mine]]
        shown[inside] = own + shown[inside] * (1.0 - alpha)
        later = owner[inside] < index
        above[inside] *= np.where(later, 1.0 - alpha[:, 0], np.float32(1.0))
        share[inside] = np.where(mine, alpha[:, 0], share[inside] * (1.0 - alpha[:, 0]))
    return shown, below, share, above


def _alone(
    seen: NDArray[np.float32], below: NDArray[np.float32], outside: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Straight pixels (n, 4) that over `below` give what is seen, less than half outside."""
    alpha = (seen[:, 3:] - below[:, 3:]) / np.maximum(1.0 - below[:, 3:], 1e-3)
    alpha = np.clip(alpha, 0.0, np.where(outside, _MAX_OUTSIDE, 1.0)[:, None])
    color = (seen[:, :3] - below[:, :3] * (1.0 - alpha)) / np.maximum(alpha, 1e-3)
    return np.concatenate([np.clip(color, 0.0, 1.0), alpha], axis=1)


def _within(layer: Layer, rows: NDArray[np.intp], cols: NDArray[np.intp]) -> NDArray[np.intp]:
    """Which of some places, by rising rows, lie in a layer's window."""
    top, left, bottom, right = layer.window
    first, last = np.searchsorted(rows, (top, bottom))
    part = cols[first:last]
    return np.flatnonzero((part >= left) & (part < right)) + first


def _is_within(layer: Layer, rows: NDArray[np.intp], cols: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether each of some places lies in a layer's window."""
    top, left, bottom, right = layer.window
    return (rows >= top) & (rows < bottom) & (cols >= left) & (cols < right)
