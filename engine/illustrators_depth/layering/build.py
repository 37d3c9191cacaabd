"""A label map into completed, coloured, named layers; layers made before are used again."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..fast_median import median
from ..settings import CompleteSettings
from ..threads import parallel_map
from ..tiling import nonzero_places
from ..types import Image, Layer, LayerStack
from .backdrop import Backdrop
from .complete_shape import complete_shape, soft_alpha
from .coverage import estimate_alpha, seen_color, seen_rim
from .inpaint_color import color_steps, complete_pixels
from .names import color_names
from .quantize import in_eight_bits
from .strokes import ink_color, is_net, is_stroke
from .visibility import VisibilityIndex

__all__ = ["LayerCache", "build_stack"]

# Side of the square, in pixels, by which a layer's colour is grown past its mask.
_BLEED = 9
# Bytes of pixels that a cache keeps.
_MOST_KEPT = 1 << 29
# Layers that vary less (sRGB standard deviation) are of one colour, and that is their mean.
_VARIED = 0.03
# A layer is thin when so much of it is rim.
_ALL_RIM = 0.9
# Pixels that are enough to know how much a layer varies.
_ENOUGH = 1 << 14
# Layers made at a time, and pixels of all of them together.
_MOST_AT_ONCE = 4
_PIXELS_AT_ONCE = 1 << 23


@dataclass
class _Made:
    """A layer but for its name, and but for how it covers the layers below at its rim.

    `rgba` holds the rim found last, `rim_own` what that is (None before the first time); the other
    rim arrays are what it is found from.
    """

    window: tuple[int, int, int, int]
    visible: NDArray[np.bool_]
    mask: NDArray[np.bool_]
    rgba: NDArray[np.float32]
    mean: tuple[float, float, float]
    depth: float
    steps: np.float32
    strokes: bool
    rim: tuple[NDArray[np.intp], NDArray[np.intp]] | None = None
    rim_pixels: NDArray[np.float32] | None = None
    rim_color: NDArray[np.float32] | None = None
    rim_inside: NDArray[np.bool_] | None = None
    rim_plain: NDArray[np.float32] | None = None
    rim_own: NDArray[np.float32] | None = None


class LayerCache:
    """Layers by what they were made from, of one picture and its depth.

    A layer depends on where it is seen, on where layers above it are seen, and on how it is
    completed. Moving a border between two layers leaves all others as they were.
    """

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[str, CompleteSettings], _Made] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()
        self._looked = False
        self._coverage: NDArray[np.float32] | None = None

    def coverage(self, picture: Image) -> NDArray[np.float32] | None:
        """`_coverage` of the picture that this cache is of."""
        if not self._looked:
            self._coverage, self._looked = _coverage(picture), True
        return self._coverage

    def get(self, digest: str, complete: CompleteSettings, make: Callable[[], _Made]) -> _Made:
        key = (digest, complete)
        with self._lock:
            found = self._made.pop(key, None)
        known = found is not None
        made = found if found is not None else make()
        with self._lock:
            self._made[key] = made  # the last one used is the last one dropped
            self._bytes += 0 if known else made.rgba.nbytes
            while self._bytes > _MOST_KEPT and len(self._made) > 1:
                self._bytes -= self._made.popitem(last=False)[1].rgba.nbytes
        return made


def _coverage(picture: Image) -> NDArray[np.float32] | None:
    """The picture's alpha, float32 (H, W); None if it lets nothing through."""
    alpha = cv2.extractChannel(picture.rgba, 3)
    return alpha if float(alpha.min()) < 1.0 else None


def build_stack(
    picture: Image,
    labels: NDArray[np.int32],
    depth: NDArray[np.float32],
    complete: CompleteSettings,
    meta: dict[str, Any],
    progress: Callable[[float], None] | None = None,
    cache: LayerCache | None = None,
    eight_bit: bool = False,
) -> LayerStack:
    """Complete, colour and name the layers of a label map.

    Args:
        labels: int32 (H, W), 0..N-1 bottom to top, each occurring; -1 where nothing is.
        depth: float32 (H, W).
        progress: called with the fraction done.
        cache: of this picture and depth; the result is the same with and without.
        eight_bit: the picture is in 8 bits, and so shall its layers be.
    """
    covered = _coverage(picture) if cache is None else cache.coverage(picture)
    opaque = covered is None
    seen = VisibilityIndex(labels, covered)
    count = seen.count

    def make(index: int) -> _Made:
        def anew() -> _Made:
            return _make(picture, opaque, seen, depth, index, complete, eight_bit)

        return anew() if cache is None else cache.get(seen.digest(index), complete, anew)

    made = []
    # The layers so far: what the next one is seen against, where its rim is asked for.
    below = Backdrop(seen.numbers) if 0.0 < complete.feather <= 1.0 else None
    at_once = min(_MOST_AT_ONCE, max(1, _PIXELS_AT_ONCE // labels.size))
    every = parallel_map(make, range(count), labels.size * count, at_once)
    for index, one in enumerate(every):
        if below is not None:
            _cover(one, below)
            below.composite(index, one.window, one.rgba)
        layer = Layer(
            name="",
            depth=one.depth,
            color=one.mean,
            frame=(picture.height, picture.width),
            window=one.window,
            visible_crop=one.visible,
            mask_crop=one.mask,
            rgba_crop=one.rgba,
            uid=index + 1,
        )
        made.append(layer)
        if progress:
            progress((index + 1) / count)
    names = color_names([np.array(layer.color) for layer in made])
    return LayerStack(labels, tuple(map(_named, made, names)), picture.name, meta)


def _named(layer: Layer, name: str) -> Layer:
    return replace(layer, name=name)


def _make(
    picture: Image,
    opaque: bool,
    seen: VisibilityIndex,
    depth: NDArray[np.float32],
    index: int,
    complete: CompleteSettings,
    eight_bit: bool,
) -> _Made:
    box, mask = complete_shape(seen, index, complete, margin=4)
    visible = seen.numbers[box] == index + 1
    pixels = picture.rgba[box]
    # Colour reaches past the edge so that filtered textures do not fringe, but no further.
    reached = cv2.dilate(mask.view(np.uint8), np.ones((_BLEED, _BLEED), np.uint8))
    alpha = soft_alpha(mask, complete.feather, (box[0].start, box[1].start), eight_bit)
    if complete.feather > 1.0:
        cv2.max(reached, (alpha > 0.0).view(np.uint8), dst=reached)
        alpha = in_eight_bits(alpha) if eight_bit else alpha
    # Where the picture itself is translucent, so is the layer: seen there, and running on.
    rgba = complete_pixels(pixels, visible, reached, alpha, opaque, eight_bit)
    # Of the paint alone: completed, its rim is free of what it was blended with.
    mean = cv2.mean(rgba, visible.view(np.uint8))[:3]
    rim, plain = None, np.zeros(0, np.float32)
    if 0.0 < complete.feather <= 1.0:
        rim = nonzero_places(seen_rim(visible, seen.numbers[box] <= index))
        plain = alpha[rim]
    made = _Made(
        window=(box[0].start, box[1].start, box[0].stop, box[1].stop),
        visible=visible,
        mask=mask,
        rgba=rgba,
        mean=(float(mean[0]), float(mean[1]), float(mean[2])),
        strokes=rim is not None and _is_strokes(rgba, pixels, visible, rim),
        depth=median(depth[box][visible]),
        steps=color_steps(eight_bit),
    )
    if rim is not None:
        seen_there = pixels[rim]
        seen_there[:, :3] *= seen_there[:, 3:]
        made.rim, made.rim_pixels, made.rim_inside = rim, seen_there, mask[rim]
        made.rim_color, made.rim_plain = rgba[rim][:, :3], plain
    return made


def _is_strokes(
    rgba: NDArray[np.float32],
    pixels: NDArray[np.float32],
    visible: NDArray[np.bool_],
    rim: tuple[NDArray[np.intp], NDArray[np.intp]],
) -> bool:
    """Whether a layer is strokes so thin that its mean colour says little about its paint."""
    count = cv2.countNonZero(visible.view(np.uint8))
    if np.count_nonzero(visible[rim]) >= _ALL_RIM * count:
        return True
    # Most layers are of one colour, which a look at some pixels tells.
    step = max(1, math.isqrt(count // _ENOUGH))
    some = rgba[::step, ::step][visible[::step, ::step]]
    if len(some) and float(cv2.meanStdDev(some[:, None])[1][:3].max()) <= _VARIED:
        return False
    return is_stroke(visible) or is_net(pixels, visible)


def _cover(made: _Made, below: Backdrop) -> None:
    """Find how far the layer covers what lies below it at its rim; keep it in `made`."""
    if made.rim is None:
        return
    assert made.rim_pixels is not None and made.rim_color is not None
    assert made.rim_inside is not None and made.rim_plain is not None
    at = made.rim_pixels, below.at(made.window, made.rim), made.rim_color
    if made.strokes:  # all rim, and no part of it is free of what it is blended with
        inside = made.visible[made.rim]
        made.mean = ink_color(at[0][inside], at[1][inside]) or made.mean
    alpha = estimate_alpha(*at, made.rim_inside, made.rim_plain)
    color = seen_color(*at, alpha, made.rim_inside, made.steps)
    own = np.concatenate([color, alpha[:, None]], axis=1)
    if made.rim_own is not None:
        if np.array_equal(own, made.rim_own):
            return
        made.rgba = made.rgba.copy()  # the one before belongs to a stack
    made.rim_own = own
    made.rgba[made.rim] = own
