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

from illustrators_depth.raster.nearest import spread_known

from ..drawing.invisible import invisible_boundary_fraction
from ..drawing.shape_packing import MIN_OVERLAP_PX
from ..layered import LayeredImage, no_pairs
from .backgrounds import make_background

__all__ = ["Cutout", "compose_scene", "cut_out"]

_PAGE_INDEX = 1
_MAX_TRIES = 4


@dataclass(frozen=True)
class Cutout:
    """A drawing freed of its page.

    colors: uint8 (H, W, 3) RGB, the drawing's own colours, continued past its edge.
    index: int32 (H, W), 0 outside, 1 and up inside. hides, invisible, shapes: as in LayeredImage,
    by this index.
    """

    colors: np.ndarray
    index: np.ndarray
    hides: np.ndarray | None = None
    invisible: np.ndarray | None = None
    shapes: np.ndarray | None = None


def cut_out(drawing: LayeredImage) -> Cutout:
    """Free a drawing, index 1 = page, of its white page.

    Pixels at the edge are mixed with the page's white; they take the colour of the nearest pixel
    well inside, so that no pale rim shows on a dark background.
    """
    rgb, index = drawing.rgb, drawing.index
    inside = (index > _PAGE_INDEX).astype(np.uint8)
    core = cv2.erode(inside, np.ones((3, 3), np.uint8), borderValue=1)
    # Where a part is too thin to have a core, its own (mixed) colours are the best there is.
    _, parts = cv2.connectedComponents(inside)
    with_core = np.zeros(int(parts.max()) + 1, bool)
    with_core[np.unique(parts[core > 0])] = True
    source = (core > 0) | ((inside > 0) & ~with_core[parts])
    colors = spread_known(rgb, source, cv2.DIST_MASK_3) if source.any() else rgb
    return Cutout(
        colors,
        np.where(inside > 0, index - _PAGE_INDEX, 0).astype(np.int32),
        _without_page(drawing.hides),
        _without_page(drawing.invisible),
        None if drawing.shapes is None else drawing.shapes[_PAGE_INDEX:],
    )


def _without_page(pairs: np.ndarray | None) -> np.ndarray | None:
    return None if pairs is None else pairs[(pairs > _PAGE_INDEX).all(axis=1)] - _PAGE_INDEX


def compose_scene(
    rng: np.random.Generator, drawings: Sequence[LayeredImage], size: int
) -> LayeredImage:
    """Return a scene of size x size pixels, index 1 = lowest, from two or more drawings.

    The same generator state and drawings give the same scene. Arrangements in which different
    layers of one colour touch (the cleaning's invisible boundaries) are tried again. With the full
    shapes of all drawings the scene has its own; without, its pairs that hide are those of the
    drawings, and what each covers of the layers that show beneath it.
    """
    best: tuple[float, LayeredImage] | None = None
    cutouts = [cut_out(drawing) for drawing in drawings]
    for _ in range(_MAX_TRIES):
        scene = _compose_once(rng, cutouts, size)
        fraction = invisible_boundary_fraction(scene.index, scene.rgb)
        if best is None or fraction < best[0]:
            best = (fraction, scene)
        if fraction <= 0.01:
            break
    assert best is not None
    return best[1].renumbered()


def _compose_once(rng: np.random.Generator, cutouts: Sequence[Cutout], size: int) -> LayeredImage:
    picture, backdrop = make_background(rng, size)
    index = np.zeros((size, size), np.int32)
    for layer, shape in enumerate(backdrop, start=1):
        index[shape] = layer
    hides = [_hiding_pairs(backdrop)]
    invisible = [no_pairs()]
    shapes = [backdrop]
    known = all(cutout.hides is not None for cutout in cutouts)
    count = len(cutouts)
    largest = 1.25 / np.sqrt(count)
    for cutout in cutouts:
        scale = float(np.exp(rng.uniform(np.log(0.45 * largest), np.log(1.2 * largest))))
        matrix = _placement(rng, cutout.index.shape, size, min(scale, 1.1))
        colors, over = _placed(cutout, matrix, size)
        inside = over > 0
        alpha = cv2.blur(inside.astype(np.float32), (3, 3))[..., None]
        picture = alpha * colors + (1 - alpha) * picture
        offset = sum(len(part) for part in shapes)
        hides.append(_covered_pairs(index[inside], over[inside] + offset, size))
        if cutout.hides is not None:
            hides.append(cutout.hides + offset)
        if cutout.invisible is not None:
            invisible.append(cutout.invisible + offset)
        index = np.where(inside, over + offset, index)
        shapes.append(_warped_shapes(cutout, matrix, size))
    exact = all(cutout.shapes is not None for cutout in cutouts)
    return LayeredImage(
        picture.round().clip(0, 255).astype(np.uint8),
        index,
        np.concatenate(hides) if known else None,
        np.concatenate(invisible),
        np.concatenate(shapes) if exact else None,
    )


def _hiding_pairs(shapes: np.ndarray) -> np.ndarray:
    """Return the pairs (lower, upper) of full shapes, bool (N, S, S), that overlap."""
    pairs = [
        (below + 1, above + 1)
        for below in range(len(shapes))
        for above in range(below + 1, len(shapes))
        if (shapes[below] & shapes[above]).any()
    ]
    return np.asarray(pairs, np.int32).reshape(-1, 2)


def _covered_pairs(below: np.ndarray, above: np.ndarray, size: int) -> np.ndarray:
    """Return the pairs of layers that lie on one another at enough pixels: int32 (P, 2).

    below, above: what shows before and after, at the same pixels.
    """
    width = int(above.max(initial=0)) + 1
    codes, counts = np.unique(below.astype(np.int64) * width + above, return_counts=True)
    codes = codes[counts >= max(MIN_OVERLAP_PX * size * size / 512**2, 1.0)]
    return np.stack([codes // width, codes % width], axis=1).astype(np.int32)


def _placement(
    rng: np.random.Generator, shape: tuple[int, ...], size: int, scale: float
) -> np.ndarray:
    """Return a place in the frame: scaled, turned a little, perhaps mirrored; (2, 3)."""
    height, width = shape
    factor = scale * size / max(height, width)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-15, 15), factor)
    if rng.random() < 0.5:
        matrix[0] *= -1
        matrix[0, 2] += width
    matrix[:, 2] += size / 2 - np.array([width, height]) / 2
    matrix[:, 2] += rng.uniform(-0.36, 0.36, 2) * size
    return np.asarray(matrix)


def _placed(cutout: Cutout, matrix: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a cutout's colours and index in the frame, 0 where it is not."""
    factor = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    colors = cutout.colors
    if factor < 0.75:  # bilinear sampling alone would skip pixels
        colors = cv2.GaussianBlur(colors, (0, 0), 0.35 / factor)
    colors = cv2.warpAffine(
        colors, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return colors, _warped(cutout.index, matrix, size).astype(np.int32)


def _warped(layer: np.ndarray, matrix: np.ndarray, size: int) -> np.ndarray:
    return cv2.warpAffine(layer.astype(np.float32), matrix, (size, size), flags=cv2.INTER_NEAREST)


def _warped_shapes(cutout: Cutout, matrix: np.ndarray, size: int) -> np.ndarray:
    """Return the full shapes in the frame; of layers whose shape is unknown, nothing."""
    layers = int(cutout.index.max())
    if cutout.shapes is None:
        return np.zeros((layers, 1, 1), np.bool_)
    return np.stack([_warped(shape, matrix, size) > 0 for shape in cutout.shapes[:layers]])
