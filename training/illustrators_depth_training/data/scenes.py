"""Composes scenes: several cleaned drawings over a background, with the correct stacked indices.

The paper's named weakness is neglected backgrounds, because its pictures are mostly one object on
white. A scene stacks 2 to 6 drawings over a page, a procedural background or another drawing; its
index is exact by construction: each drawing's layers lie above everything pasted before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from .backgrounds import make_background
from .cleaning import invisible_boundary_fraction

__all__ = ["Cutout", "compose_scene", "cut_out"]

_PAGE_INDEX = 1
_TRIES = 4


@dataclass(frozen=True)
class Cutout:
    """A drawing freed of its page.

    colours: uint8 (H, W, 3) RGB, the drawing's own colours, continued past its edge.
    index: int32 (H, W), 0 outside, 1 and up inside.
    """

    colours: np.ndarray
    index: np.ndarray


def cut_out(rgb: np.ndarray, index: np.ndarray) -> Cutout:
    """Free a drawing of its white page: uint8 (H, W, 3) and int (H, W) with 1 = page.

    Pixels at the edge are mixed with the page's white; they take the colour of the nearest pixel
    well inside, so that no pale rim shows on a dark background.
    """
    inside = (index > _PAGE_INDEX).astype(np.uint8)
    core = cv2.erode(inside, np.ones((3, 3), np.uint8), borderValue=1)
    # Where a part is too thin to have a core, its own (mixed) colours are the best there is.
    _, parts = cv2.connectedComponents(inside)
    with_core = np.zeros(int(parts.max()) + 1, bool)
    with_core[np.unique(parts[core > 0])] = True
    source = np.where((core > 0) | ((inside > 0) & ~with_core[parts]), 0, 1).astype(np.uint8)
    colours = rgb
    if not source.all():
        _, nearest = cv2.distanceTransformWithLabels(
            source, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
        )
        palette = np.zeros((int(nearest.max()) + 1, 3), np.uint8)
        palette[nearest[source == 0]] = colours[source == 0]
        colours = palette[nearest]
    return Cutout(colours, np.where(inside > 0, index - _PAGE_INDEX, 0).astype(np.int32))


def compose_scene(
    rng: np.random.Generator, drawings: Sequence[tuple[np.ndarray, np.ndarray]], size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return uint8 (S, S, 3) and int32 (S, S), 1 = lowest, from two or more pairs.

    The same generator state and drawings give the same scene. Arrangements in which different
    layers of one colour touch (the cleaning's invisible boundaries) are tried again.
    """
    best: tuple[float, np.ndarray, np.ndarray] | None = None
    cutouts = [cut_out(rgb, index) for rgb, index in drawings]
    for _ in range(_TRIES):
        picture, index = _compose_once(rng, cutouts, size)
        fraction = invisible_boundary_fraction(index, picture)
        if best is None or fraction < best[0]:
            best = (fraction, picture, index)
        if fraction <= 0.01:
            break
    assert best is not None
    return best[1], _renumber(best[2])


def _compose_once(
    rng: np.random.Generator, cutouts: Sequence[Cutout], size: int
) -> tuple[np.ndarray, np.ndarray]:
    picture, index = make_background(rng, size)
    count = len(cutouts)
    largest = 1.25 / np.sqrt(count)
    for cutout in cutouts:
        scale = float(np.exp(rng.uniform(np.log(0.45 * largest), np.log(1.2 * largest))))
        colours, over = _placed(rng, cutout, size, min(scale, 1.1))
        inside = over > 0
        alpha = cv2.blur(inside.astype(np.float32), (3, 3))[..., None]
        picture = alpha * colours + (1 - alpha) * picture
        index = np.where(inside, over + index.max(), index)
    return picture.round().clip(0, 255).astype(np.uint8), index


def _placed(
    rng: np.random.Generator, cutout: Cutout, size: int, scale: float
) -> tuple[np.ndarray, np.ndarray]:
    """Put a cutout somewhere into the frame: scaled, turned a little, perhaps mirrored."""
    height, width = cutout.index.shape
    factor = scale * size / max(height, width)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-15, 15), factor)
    if rng.random() < 0.5:
        matrix[0] *= -1
        matrix[0, 2] += width
    matrix[:, 2] += size / 2 - np.array([width, height]) / 2
    matrix[:, 2] += rng.uniform(-0.36, 0.36, 2) * size
    colours = cutout.colours
    if factor < 0.75:  # bilinear sampling alone would skip pixels
        colours = cv2.GaussianBlur(colours, (0, 0), 0.35 / factor)
    colours = cv2.warpAffine(
        colours, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    over = cv2.warpAffine(
        cutout.index.astype(np.float32), matrix, (size, size), flags=cv2.INTER_NEAREST
    )
    return colours, over.astype(np.int32)


def _renumber(index: np.ndarray) -> np.ndarray:
    present = np.bincount(index.ravel()) > 0
    return np.cumsum(present).astype(np.int32)[index]
