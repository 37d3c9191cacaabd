"""Corrects pixels at edges where the layers, composited, do not show the picture.

Beside a layer, on the pixels of the one below it, the upper one's coverage explains a blend of the
two. Where a third paint shows there, such as an outline thinner than a pixel, no coverage does.
Then the layer that is seen at the pixel, its owner, takes the colour with which the layers show the
picture. Where no layer is seen, in the transparent part of a drawing, the owner is the layer that
ends there. Where no colour of the owner is enough, the layers above it are cleared at the pixel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ...types import Layer
from ...types.packed_pixels import take_pixels
from ..compositing.quantize import EIGHT_BITS
from .coverage import RIGHT_DISTANCE, WRONG_DISTANCE
from .faint_rims import FaintRims
from .patches import Patch, PatchedArrays, put_patches
from .translucent_edges import TranslucentEdges

__all__ = ["settle_edges"]

# An owner that makes up less of the composited pixel than this keeps its colour.
_MIN_SHARE = 0.3
# From this coverage on a pixel counts as opaque.
_OPAQUE_ALPHA = 0.98
# Outside its mask a layer covers less than half of a pixel.
_MAX_OUTSIDE_ALPHA = 127.0 / 255.0
# Over translucent paint a pixel is right up to this distance (premultiplied RGBA, L2).
_MAX_TRANSLUCENT_DISTANCE = 0.25 / 255.0
_SQUARE = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class _EdgePlaces:
    """n pixels at edges, each with its owner.

    Attributes:
        clear: bool (n,), no layer is seen there.
        picture: float32 (n, 4), the picture, premultiplied.
        below: float32 (n, 4), the layers below the owner, composited, premultiplied.
        missing: float32 (n, 4), the picture less all layers composited.
        share: float32 (n,), how much of the composited pixel is the owner's.
        weight: float32 (n,), 0..1, how much of what is missing the owner makes up for.
        opaque: the whole picture lets nothing through.
    """

    clear: NDArray[np.bool_]
    picture: NDArray[np.float32]
    below: NDArray[np.float32]
    missing: NDArray[np.float32]
    share: NDArray[np.float32]
    weight: NDArray[np.float32]
    opaque: bool

    def is_beyond(self, chosen: NDArray[np.intp], pixels: NDArray[np.float32]) -> NDArray[np.bool_]:
        """At which chosen places no colour of the owner would show the picture, bool (m,).

        `pixels` are the owner's, float32 (m, 4), straight alpha. None are in translucent pictures.
        """
        share = self.share[chosen][:, None]
        color = pixels[:, :3] + self.missing[chosen, :3] / np.maximum(share, 1e-3)
        rest = (color - np.clip(color, 0.0, 1.0)) * share
        squared_distance = np.einsum("ij,ij->i", rest, rest) + self.missing[chosen, 3] ** 2
        is_wrong = (squared_distance > WRONG_DISTANCE**2) | (share[:, 0] <= _MIN_SHARE)
        return is_wrong & self.opaque

    def uncovered(self, chosen: NDArray[np.intp], levels: np.float32) -> NDArray[np.float32]:
        """Opaque pixels (m, 4) that show the picture once nothing lies above them."""
        pixels = np.clip(self.picture[chosen], 0.0, 1.0)
        pixels[:, :3] = np.rint(pixels[:, :3] * levels) / levels
        pixels[:, 3] = 1.0
        return pixels

    def settled(
        self,
        chosen: NDArray[np.intp],
        pixels: NDArray[np.float32],
        by_alpha: bool,
        levels: np.float32,
    ) -> NDArray[np.float32]:
        """The owner's pixels (m, 4), straight alpha, changed in place to show the picture.

        `by_alpha`: coverage is changed as well as colour, see `_pixels_over`.
        """
        weight = self.weight[chosen][:, None]
        if by_alpha:
            target = _pixels_over(self.picture[chosen], self.below[chosen], self.clear[chosen])
            pixels += weight * (target - pixels)
            pixels[:, 3] = np.rint(pixels[:, 3] * EIGHT_BITS) / EIGHT_BITS
        else:
            pixels[:, :3] += (
                weight * self.missing[chosen, :3] / np.maximum(self.share[chosen], 1e-3)[:, None]
            )
        pixels[:, :3] = np.rint(np.clip(pixels[:, :3], 0.0, 1.0) * levels) / levels
        return pixels


def settle_edges(
    picture: NDArray[np.float32],
    numbers: NDArray[np.integer],
    layers: list[Layer],
    levels: np.float32,
    kept: PatchedArrays | None = None,
    rims: FaintRims | None = None,
) -> list[Layer]:
    """Correct layers so that they show the picture where they are seen beside a layer above them.

    Args:
        picture: float32 (H, W, 4), straight alpha.
        numbers: unsigned (H, W), 0 = nothing, 1..N = the layer seen.
        layers: bottom to top.
        levels: steps from 0 to 1, to which colours are rounded.
        kept: patched arrays of earlier calls, given again where they would be equal. Without it
            nobody else may hold the layers' pixels: they are written to.
        rims: faint pixels beyond, and their layers.

    Returns:
        The layers; with `kept`, those that change are copies.
    """
    if numbers.dtype.itemsize > 2:  # OpenCV compares no larger numbers
        return layers
    highest, lowest = cv2.dilate(numbers, _SQUARE), cv2.erode(numbers, _SQUARE)
    if rims is not None:
        highest = np.maximum(highest, rims.numbers)
    opaque = float(picture[..., 3].min()) > _OPAQUE_ALPHA
    is_edge = (highest > numbers) | ((lowest == 0) & (numbers > 0))
    rows, cols = np.nonzero(is_edge if opaque else highest > lowest)
    clear = numbers[rows, cols] == 0
    owner = np.where(clear, highest[rows, cols], numbers[rows, cols]).astype(np.intp) - 1
    composited, below, share, transmitted = _composited(layers, rows, cols, owner)
    # Where what lies below is translucent, the picture's own alpha gives the coverage.
    by_alpha = clear | ((below[:, 3] < _OPAQUE_ALPHA) & (transmitted > _OPAQUE_ALPHA))
    target = picture[rows, cols]
    target[:, :3] *= target[:, 3:]
    missing = target - composited
    distance = np.sqrt(np.einsum("ij,ij->i", missing, missing))
    # Gradually, so that a picture rounded to 8 bits gives nearly the same.
    weight = np.clip((distance - RIGHT_DISTANCE) / (WRONG_DISTANCE - RIGHT_DISTANCE), 0.0, 1.0)
    # Where the owner hardly shows, it changes only for what is plainly wrong.
    weight[~by_alpha & (share <= _MIN_SHARE) & ~(opaque & (distance > WRONG_DISTANCE))] = 0.0
    weight[~is_edge[rows, cols]] = 0.0
    # Over translucent paint both alpha and colour may be wrong, and are solved for below.
    wrong = (below[:, 3] < _OPAQUE_ALPHA) & (distance > _MAX_TRANSLUCENT_DISTANCE) & (not opaque)
    weight[(below[:, 3] < _OPAQUE_ALPHA) & (not opaque)] = 0.0
    places = _EdgePlaces(clear, target, below, missing, share, weight, opaque)
    patches = _patches(layers, rows, cols, owner, by_alpha, places, levels)
    edges = TranslucentEdges(rows[wrong], cols[wrong], owner[wrong], clear[wrong], target[wrong])
    for index, patch in edges.patches(layers, levels).items():
        patches.setdefault(index, []).append(patch)
    settled = list(layers)
    for index, changes in patches.items():
        layer = layers[index]
        if kept is None:
            put_patches(layer.pixels, changes)
        else:
            settled[index] = replace(layer, rgba_crop=kept.patched(layer.rgba_crop, changes))
    return settled


def _patches(
    layers: list[Layer],
    rows: NDArray[np.intp],
    cols: NDArray[np.intp],
    owner: NDArray[np.intp],
    by_alpha: NDArray[np.bool_],
    places: _EdgePlaces,
    levels: np.float32,
) -> dict[int, list[Patch]]:
    """The patches of each layer that changes, by its index."""
    patches: dict[int, list[Patch]] = {}
    is_beyond = np.zeros(len(rows), np.bool_)
    for index, indices in _by_owner(owner, places.weight > 0.0):
        layer = layers[index]
        inside = indices[_is_within(layer, rows[indices], cols[indices])]
        layer_patches = patches.setdefault(index, [])
        for with_alpha in (False, True):
            chosen = inside[by_alpha[inside] == with_alpha]
            position = rows[chosen] - layer.window[0], cols[chosen] - layer.window[1]
            pixels = take_pixels(layer.pixels, position)
            if not with_alpha:
                beyond = chosen[places.is_beyond(chosen, pixels)]
                is_beyond[beyond] = True
            pixels = places.settled(chosen, pixels, with_alpha, levels)
            if not with_alpha:
                pixels[is_beyond[chosen]] = places.uncovered(chosen[is_beyond[chosen]], levels)
            layer_patches.append((*position, pixels))
    _uncover(layers, rows, cols, owner, is_beyond, patches)
    return patches


def _uncover(
    layers: list[Layer],
    rows: NDArray[np.intp],
    cols: NDArray[np.intp],
    owner: NDArray[np.intp],
    is_chosen: NDArray[np.bool_],
    patches: dict[int, list[Patch]],
) -> None:
    """Add patches that clear the layers above the owner at the chosen places."""
    indices = np.flatnonzero(is_chosen)
    if len(indices) == 0:
        return
    for index, layer in enumerate(layers):
        above = indices[owner[indices] < index]
        above = above[_is_within(layer, rows[above], cols[above])]
        if len(above) == 0:
            continue
        position = rows[above] - layer.window[0], cols[above] - layer.window[1]
        pixels = take_pixels(layer.pixels, position)
        pixels[:, 3] = 0.0
        patches.setdefault(index, []).append((*position, pixels))


def _by_owner(
    owner: NDArray[np.intp], is_chosen: NDArray[np.bool_]
) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Each owner of chosen places, and the indices of these places, rising."""
    chosen = np.flatnonzero(is_chosen)
    chosen = chosen[np.argsort(owner[chosen], kind="stable")]
    for indices in np.split(chosen, np.flatnonzero(np.diff(owner[chosen])) + 1):
        if len(indices):
            yield int(owner[indices[0]]), indices


def _composited(
    layers: list[Layer], rows: NDArray[np.intp], cols: NDArray[np.intp], owner: NDArray[np.intp]
) -> tuple[NDArray[np.float32], ...]:
    """The layers composited at n places.

    Returns:
        float32 (n, 4): all layers, premultiplied.
        float32 (n, 4): those below each place's owner, premultiplied.
        float32 (n,): how much of the composited pixel is the owner's.
        float32 (n,): how much the layers above the owner let through.
    """
    composited, below = np.zeros((len(rows), 4), np.float32), np.zeros((len(rows), 4), np.float32)
    share, transmitted = np.zeros(len(rows), np.float32), np.ones(len(rows), np.float32)
    for index, layer in enumerate(layers):
        inside = _indices_within(layer, rows, cols)
        top, left, _, _ = layer.window
        pixels = take_pixels(layer.pixels, (rows[inside] - top, cols[inside] - left))
        alpha = pixels[:, 3:].copy()
        pixels[:, :3] *= alpha
        is_owner = owner[inside] == index
        below[inside[is_owner]] = composited[inside[is_owner]]
        composited[inside] = pixels + composited[inside] * (1.0 - alpha)
        is_above_owner = owner[inside] < index
        transmitted[inside] *= np.where(is_above_owner, 1.0 - alpha[:, 0], np.float32(1.0))
        share[inside] = np.where(is_owner, alpha[:, 0], share[inside] * (1.0 - alpha[:, 0]))
    return composited, below, share, transmitted


def _pixels_over(
    picture: NDArray[np.float32], below: NDArray[np.float32], outside: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Straight-alpha pixels (n, 4) that show the picture over `below`, both premultiplied.

    Where `outside`, bool (n,), is set, they cover less than half.
    """
    alpha = (picture[:, 3:] - below[:, 3:]) / np.maximum(1.0 - below[:, 3:], 1e-3)
    alpha = np.clip(alpha, 0.0, np.where(outside, _MAX_OUTSIDE_ALPHA, 1.0)[:, None])
    color = (picture[:, :3] - below[:, :3] * (1.0 - alpha)) / np.maximum(alpha, 1e-3)
    return np.concatenate([np.clip(color, 0.0, 1.0), alpha], axis=1)


def _indices_within(
    layer: Layer, rows: NDArray[np.intp], cols: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Indices of those places, sorted by row, that lie in a layer's window."""
    top, left, bottom, right = layer.window
    first, last = np.searchsorted(rows, (top, bottom))
    part = cols[first:last]
    return np.flatnonzero((part >= left) & (part < right)) + first


def _is_within(layer: Layer, rows: NDArray[np.intp], cols: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether each place lies in a layer's window, bool (n,)."""
    top, left, bottom, right = layer.window
    return (rows >= top) & (rows < bottom) & (cols >= left) & (cols < right)
