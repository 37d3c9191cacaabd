"""The verb depth -> layers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..nouns import DepthMap, Image, Layer, LayerStack
from ..outlines import mask_window
from ..predictors.base import Progress, no_progress
from ..regions import flat_regions, opaque_mask
from ..regions.denoise import denoise
from ..settings import CompleteSettings, DecomposeSettings
from .bins import bin_labels
from .clusters import cluster_labels
from .complete import complete_alpha, complete_color, complete_mask, soft_alpha
from .composite import lay_over
from .coverage import seen_alpha, seen_rim
from .names import color_names

if TYPE_CHECKING:
    from PIL import Image as PilImage

__all__ = ["build_stack", "decompose"]

# Flat art: at least this share of pixels lies in a flat neighbourhood ...
_FLAT_SHARE = 0.7
# ... and the picture has at most this many regions per megapixel-equivalent.
_MOST_REGIONS = 600
# Side of the square, in pixels, by which a layer's colour is grown past its mask.
_BLEED = 9


def decompose(
    image: str | Path | PilImage.Image | NDArray[Any] | Image,
    depth: DepthMap | NDArray[np.floating],
    settings: DecomposeSettings | None = None,
    complete: CompleteSettings | None = None,
    progress: Progress | None = None,
) -> LayerStack:
    """Discretise a picture's depth into layers that continue under one another.

    Args:
        image: a path, a PIL image, an array or an Image.
        depth: its depth map, of the same size; larger = nearer.
        settings: method, number of layers and thresholds.
        complete: how layers continue where others cover them.
        progress: called with (stage, fraction); may raise Cancelled.

    Returns:
        LayerStack, bottom to top, deterministic. Every opaque pixel belongs to exactly one layer;
        a fully transparent picture gives an InputError.

    Raises:
        InputError: sizes differ, the picture is fully transparent, or more layers are asked for
            than there are.
    """
    from ..io.read_image import read_image

    settings = settings or DecomposeSettings()
    settings.check()
    complete = complete or CompleteSettings()
    complete.check()
    report = progress or no_progress
    picture = read_image(image)
    if not isinstance(depth, DepthMap):
        depth = DepthMap(np.asarray(depth, np.float32), "array")
    values = depth.values
    if values.shape != (picture.height, picture.width):
        raise InputError(
            f"The depth map is {values.shape[1]}x{values.shape[0]} but the picture "
            f"{picture.name!r} is {picture.width}x{picture.height}; they must be of one size."
        )
    opaque = opaque_mask(picture.alpha)
    if not opaque.any():
        raise InputError(f"The picture {picture.name!r} is fully transparent; nothing to layer.")
    report("layers", 0.0)
    labels, method = _discretise(picture, values, opaque, settings, report)
    meta = {
        "method": method,
        "decompose": settings.to_dict(),
        "complete": complete.to_dict(),
        "predictor": depth.predictor,
    }
    return build_stack(
        picture, labels, values, complete, meta, lambda f: report("layers", 0.3 + 0.7 * f)
    )


def _discretise(
    picture: Image,
    values: NDArray[np.float32],
    opaque: NDArray[np.bool_],
    settings: DecomposeSettings,
    report: Progress,
) -> tuple[NDArray[np.int32], str]:
    """Label map, bottom = 0, and the method that made it."""
    if settings.thresholds or settings.method == "bins":
        return bin_labels(values, opaque, settings), "bins"
    regions = flat_regions(denoise(picture.rgba, settings.denoise), settings.min_region)
    report("layers", 0.2)
    crowded = regions.count > _MOST_REGIONS
    painterly = regions.core_share < _FLAT_SHARE or crowded
    if settings.method == "auto" and painterly:
        return bin_labels(values, opaque, settings), "bins"
    return cluster_labels(regions, values, settings), "clusters"


def build_stack(
    picture: Image,
    labels: NDArray[np.int32],
    depth: NDArray[np.float32],
    complete: CompleteSettings,
    meta: dict[str, Any],
    progress: Callable[[float], None] | None = None,
) -> LayerStack:
    """Complete, colour and name the layers of a label map.

    Args:
        labels: int32 (H, W), 0..N-1 bottom to top, each occurring; -1 where nothing is.
        depth: float32 (H, W).
        progress: called with the fraction done.
    """
    count = int(labels.max()) + 1
    means = [picture.rgba[labels == index][:, :3].mean(axis=0) for index in range(count)]
    layers = []
    # The layers so far, flattened: what the next one is seen against. Premultiplied.
    below = np.zeros((*labels.shape, 4), np.float32)
    for index, name in enumerate(color_names(means)):
        layer = _build_layer(picture, labels, depth, index, name, means[index], complete, below)
        lay_over(below, layer)
        layers.append(layer)
        if progress:
            progress((index + 1) / count)
    return LayerStack(labels, tuple(layers), picture.name, meta)


def _build_layer(
    picture: Image,
    labels: NDArray[np.int32],
    depth: NDArray[np.float32],
    index: int,
    name: str,
    mean: NDArray[np.float32],
    complete: CompleteSettings,
    below: NDArray[np.float32],
) -> Layer:
    mask = complete_mask(labels, index, complete)
    box = mask_window(mask, margin=4)
    mask = mask[box].copy()
    visible = labels[box] == index
    color = complete_color(picture.rgba[box][..., :3], visible)
    # Colour reaches past the edge so that filtered textures do not fringe, but no further.
    reached = cv2.dilate(mask.astype(np.uint8), np.ones((_BLEED, _BLEED), np.uint8)) > 0
    color = np.where(reached[..., None], color, np.float32(0.0))
    # Where the picture itself is translucent, so is the layer: seen there, and running on.
    own = complete_alpha(picture.alpha[box], visible)
    alpha = np.minimum(soft_alpha(mask, complete.feather), own)
    if 0.0 < complete.feather <= 1.0:
        rim = np.nonzero(seen_rim(visible, labels[box] < index))
        pixels = picture.rgba[box][rim]
        pixels[:, :3] *= pixels[:, 3:]
        alpha[rim] = seen_alpha(pixels, below[box][rim], color[rim], mask[rim], alpha[rim])
    return Layer(
        name=name,
        depth=float(np.median(depth[box][visible])),
        color=(float(mean[0]), float(mean[1]), float(mean[2])),
        frame=(picture.height, picture.width),
        window=(box[0].start, box[1].start, box[0].stop, box[1].stop),
        visible_crop=visible,
        mask_crop=mask,
        rgba_crop=np.concatenate([color, alpha[..., None]], axis=2).astype(np.float32, copy=False),
        uid=index + 1,
    )
