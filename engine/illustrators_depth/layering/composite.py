"""Layers laid over one another (Porter and Duff 1984, "over")."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..nouns import Layer
from ..strips import Box, nonzero_places

__all__ = ["Flat", "flat_of", "lay_flat", "lay_over", "straight"]

_EVERYWHERE: Box = (slice(None), slice(None))


@dataclass(frozen=True)
class Flat:
    """What compositing a layer needs besides its pixels; see `flat_of`.

    Attributes:
        whole: tiles in which the layer covers fully.
        solid: other tiles, and in each, uint8, 1 where the layer covers fully.
        rim: row and column numbers of the n pixels that it covers in part.
        own: float32 (n, 4), the layer there, premultiplied.
    """

    whole: list[Box]
    solid: list[tuple[Box, NDArray[np.uint8]]]
    rim: tuple[NDArray[np.intp], ...]
    own: NDArray[np.float32]


def flat_of(
    rgba: NDArray[np.float32],
    tiles: Iterable[Box] = (_EVERYWHERE,),
    alpha: NDArray[np.float32] | None = None,
) -> Flat:
    """Prepare straight-alpha pixels, float32 (h, w, 4), clear outside `tiles`, for `lay_flat`.

    `alpha`, float32 (h, w), is theirs, apart; where it is 0 instead, the pixel is left out.
    """
    whole: list[Box] = []
    solid: list[tuple[Box, NDArray[np.uint8]]] = []
    rows, cols = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)]
    for box in tiles:
        own = cv2.extractChannel(rgba[box], 3) if alpha is None else alpha[box]
        covered = own >= 1.0
        if covered.all():
            whole.append(box)
            continue
        if covered.any():
            solid.append((box, covered.view(np.uint8)))
        down, across = nonzero_places((own > 0.0) & ~covered)
        rows.append(down + (box[0].start or 0))
        cols.append(across + (box[1].start or 0))
    rim = np.concatenate(rows), np.concatenate(cols)
    share = rgba[(*rim, 3)][:, None]
    own = np.concatenate([rgba[rim][:, :3] * share, share], axis=1)
    return Flat(whole, solid, rim, own)


def lay_flat(part: NDArray[np.float32], rgba: NDArray[np.float32], flat: Flat) -> None:
    """Composite pixels over a premultiplied float32 (h, w, 4) canvas of their size, in place."""
    # Most pixels are solid and only copied; arithmetic is left for the few at the rim.
    for box in flat.whole:
        part[box] = rgba[box]
    for box, covered in flat.solid:
        cv2.copyTo(rgba[box], covered, part[box])
    part[flat.rim] = flat.own + part[flat.rim] * (1.0 - flat.own[:, 3:])


def lay_over(canvas: NDArray[np.float32], layer: Layer) -> None:
    """Composite a layer over a premultiplied float32 (H, W, 4) canvas of its frame, in place."""
    lay_flat(canvas[layer.box], layer.rgba_crop, flat_of(layer.rgba_crop))


def straight(premultiplied: NDArray[np.float32]) -> NDArray[np.float32]:
    """Premultiplied to straight alpha, float32 (H, W, 4), 0..1; clear pixels are black."""
    alpha = premultiplied[..., 3:]
    color = premultiplied[..., :3] / np.maximum(alpha, 1e-6)
    rgba = np.concatenate([np.where(alpha > 0.0, color, 0.0), alpha], axis=2)
    return np.clip(rgba, 0.0, 1.0).astype(np.float32, copy=False)
