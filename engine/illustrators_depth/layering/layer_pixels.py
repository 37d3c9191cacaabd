"""Makes one layer in two steps: its pixels, which may be cached, then its edge over those below.

The first step does not depend on how the layers below look. The second estimates how far the layer
covers them at its edge, and what colour it has there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..raster.fast_median import median
from ..raster.tiling import nonzero_places
from ..settings import CompleteSettings
from ..types import Image, Layer
from ..types.packed_pixels import PackedMask, PackedPixels, put_pixels
from .complete_shape import complete_shape, is_too_complex, soft_alpha
from .compositing.backdrop import Backdrop
from .compositing.quantize import in_eight_bits
from .edges.coverage import estimate_alpha, seen_color, seen_rim
from .edges.faint_rims import with_room
from .edges.strokes import ink_color, is_net, is_stroke
from .paint.inpaint_color import color_steps, complete_pixels
from .visibility import VisibilityIndex

__all__ = ["EdgePixels", "LayerPixels", "composite_edges", "layer_pixels"]

# Side of the square, in pixels, by which a layer's colour is dilated past its mask.
_BLEED_PX = 9
# Pixels around the mask that a layer's window holds, too.
_MARGIN_PX = 4
# Layers that vary less (sRGB standard deviation) are of one colour, their mean.
_FLAT_DEVIATION = 0.03
# A layer is thin strokes when at least this share of its pixels is edge.
_THIN_EDGE_SHARE = 0.9
# About how many pixels are looked at to tell how much a layer varies.
_SAMPLE_PIXELS = 1 << 14


@dataclass(frozen=True)
class EdgePixels:
    """The n pixels at a layer's edge, and what its coverage there is estimated from.

    Attributes:
        places: rows and columns in the layer's window.
        pixels: float32 (n, 4), the picture, premultiplied.
        color: float32 (n, 3), the layer's own colour.
        visible, inside: bool (n,), whether it is seen there, and whether its mask includes it.
        outline_alpha: float32 (n,), coverage by the outline alone.
    """

    places: tuple[NDArray[np.intp], NDArray[np.intp]]
    pixels: NDArray[np.float32]
    color: NDArray[np.float32]
    visible: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    outline_alpha: NDArray[np.float32]


@dataclass(frozen=True)
class LayerPixels:
    """A layer without its name, and without its coverage and colour at its edge.

    Attributes:
        window, visible, mask, rgba: as in `Layer`, or packed; `rgba` is arbitrary at the edge.
        mean: mean visible sRGB colour.
        depth: median depth of the visible pixels.
        color_levels: steps from 0 to 1 to which colours are rounded.
        thin_strokes: it is strokes so thin that `mean` says little about their paint.
        too_complex: it was completed by "smooth", since "contour" would take too long.
        edge: None where coverage is that of the outline alone.
    """

    window: tuple[int, int, int, int]
    visible: NDArray[np.bool_] | PackedMask
    mask: NDArray[np.bool_] | PackedMask
    rgba: NDArray[np.float32] | PackedPixels
    mean: tuple[float, float, float]
    depth: float
    color_levels: np.float32
    thin_strokes: bool
    too_complex: bool
    edge: EdgePixels | None


def layer_pixels(
    picture: Image,
    opaque: bool,
    visibility: VisibilityIndex,
    depth: NDArray[np.float32],
    index: int,
    complete: CompleteSettings,
    eight_bit: bool,
    pack: bool = False,
) -> LayerPixels:
    """Complete and colour layer `index`.

    Args:
        picture: what its pixels are cut from.
        opaque: no pixel of the picture lets anything through.
        visibility: where each layer is seen.
        depth: float32 (H, W).
        index: 0 = bottom.
        complete: how the layer continues where others cover it.
        eight_bit: the picture is in 8 bits, and so shall the layer be.
        pack: keep the pixels packed, in fewer bytes.
    """
    box, mask = complete_shape(visibility, index, complete, margin=_MARGIN_PX)
    rim = visibility.rim(index)
    if rim is not None and 0.0 < complete.feather <= 1.0:  # otherwise edges are not settled
        box, mask = with_room(box, mask, rim)
    visible = visibility.numbers[box] == index + 1
    pixels = picture.rgba[box]
    # Colour reaches past the edge so that filtered textures have no fringe.
    bleed_area = cv2.dilate(mask.view(np.uint8), np.ones((_BLEED_PX, _BLEED_PX), np.uint8))
    alpha = soft_alpha(mask, complete.feather, (box[0].start, box[1].start), eight_bit)
    if complete.feather > 1.0:
        cv2.max(bleed_area, (alpha > 0.0).view(np.uint8), dst=bleed_area)
        alpha = in_eight_bits(alpha) if eight_bit else alpha
    # Where the picture is translucent, so is the layer, and so it is continued.
    rgba = complete_pixels(pixels, visible, bleed_area, mask, alpha, opaque, eight_bit)
    # Taken from the completed pixels: their edge is free of what it was blended with.
    mean = cv2.mean(rgba, visible.view(np.uint8))[:3]
    edge = None
    if 0.0 < complete.feather <= 1.0:
        places = nonzero_places(seen_rim(visible, visibility.numbers[box] <= index))
        edge = _edge_pixels(places, pixels, rgba, visible, mask, alpha)
    packed = PackedPixels.of(rgba, bleed_area) if pack else None
    return LayerPixels(
        window=(box[0].start, box[1].start, box[0].stop, box[1].stop),
        visible=PackedMask(visible) if pack else visible,
        mask=PackedMask(mask) if pack else mask,
        rgba=rgba if packed is None else packed,
        mean=(float(mean[0]), float(mean[1]), float(mean[2])),
        depth=median(depth[box][visible]),
        color_levels=color_steps(eight_bit),
        thin_strokes=edge is not None and _has_thin_strokes(rgba, pixels, visible, edge.places),
        too_complex=complete.method == "contour" and is_too_complex(visibility, index),
        edge=edge,
    )


def _edge_pixels(
    places: tuple[NDArray[np.intp], NDArray[np.intp]],
    pixels: NDArray[np.float32],
    rgba: NDArray[np.float32],
    visible: NDArray[np.bool_],
    mask: NDArray[np.bool_],
    alpha: NDArray[np.float32],
) -> EdgePixels:
    """What `composite_edges` needs at these places of the layer's window."""
    premultiplied = pixels[places]
    premultiplied[:, :3] *= premultiplied[:, 3:]
    color = rgba[places][:, :3]
    return EdgePixels(places, premultiplied, color, visible[places], mask[places], alpha[places])


def composite_edges(
    pixels: LayerPixels,
    backdrop: Backdrop | None,
    uid: int,
    frame: tuple[int, int],
    in_place: bool = False,
) -> Layer:
    """The layer, still without a name, with coverage and colour at its edge over what lies below.

    Args:
        pixels: the layer's own.
        backdrop: the layers below, composited; None where coverage is that of the outline alone.
        uid: the layer's identity in its stack.
        frame: (H, W) of the picture.
        in_place: nobody else holds `pixels.rgba`, so it is changed and becomes the layer's, as
            packed pixels always are. Otherwise it is copied where its edge differs.
    """
    rgba, mean = pixels.rgba, pixels.mean
    if backdrop is not None and pixels.edge is not None:
        edge = pixels.edge
        colors = edge.pixels, backdrop.at(pixels.window, edge.places), edge.color
        if pixels.thin_strokes:  # no part is free of what it is blended with
            mean = ink_color(colors[0][edge.visible], colors[1][edge.visible]) or mean
        alpha = estimate_alpha(*colors, edge.inside, edge.outline_alpha)
        color = seen_color(*colors, alpha, edge.inside, pixels.color_levels)
        edge_rgba = np.concatenate([color, alpha[:, None]], axis=1)
        if in_place or isinstance(rgba, PackedPixels):
            put_pixels(rgba, edge.places, edge_rgba)
        elif not np.array_equal(rgba[edge.places], edge_rgba):
            rgba = rgba.copy()
            rgba[edge.places] = edge_rgba
    return Layer(
        name="",
        depth=pixels.depth,
        color=mean,
        frame=frame,
        window=pixels.window,
        visible_crop=pixels.visible,
        mask_crop=pixels.mask,
        rgba_crop=rgba,
        uid=uid,
    )


def _has_thin_strokes(
    rgba: NDArray[np.float32],
    pixels: NDArray[np.float32],
    visible: NDArray[np.bool_],
    edge: tuple[NDArray[np.intp], NDArray[np.intp]],
) -> bool:
    """Whether a layer is strokes so thin that its mean colour says little about its paint."""
    count = cv2.countNonZero(visible.view(np.uint8))
    if np.count_nonzero(visible[edge]) >= _THIN_EDGE_SHARE * count:
        return True
    # Most layers are of one colour, which a look at some pixels tells.
    step = max(1, math.isqrt(count // _SAMPLE_PIXELS))
    samples = rgba[::step, ::step][visible[::step, ::step]]
    if len(samples) and float(cv2.meanStdDev(samples[:, None])[1][:3].max()) <= _FLAT_DEVIATION:
        return False
    return is_stroke(visible) or is_net(pixels, visible)
