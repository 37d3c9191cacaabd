"""A picture as ordered layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .packed_pixels import Packed, PackedPixels, packed_source

__all__ = ["BLEND_MODES", "Layer", "LayerStack", "Outline", "top_labels"]

BLEND_MODES = ("normal", "multiply", "screen", "overlay")
"""How a layer's colour may meet what is below it (W3C Compositing and Blending, level 1)."""

Float32Array = NDArray[np.float32]
BoolArray = NDArray[np.bool_]
Array = TypeVar("Array", bound=NDArray[Any])


class _Crop(Generic[Array]):
    """An array of a layer, which may be kept packed: it is then unpacked when it is asked for.

    Handed on to another layer, an unpacked array is kept packed there, too.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, layer: None, owner: type) -> _Crop[Array]: ...
    @overload
    def __get__(self, layer: Layer, owner: type) -> Array: ...
    def __get__(self, layer: Layer | None, owner: type) -> Any:
        if layer is None:
            raise AttributeError(self._name)  # to a dataclass: a field without a default
        kept = layer.__dict__[self._name]
        return kept.unpack() if isinstance(kept, Packed) else kept

    def __set__(self, layer: Layer, value: Array | Packed) -> None:
        kept = value if isinstance(value, Packed) else packed_source(value)
        layer.__dict__[self._name] = kept


@dataclass(frozen=True, eq=False, repr=False)
class Outline:
    """What a layer's file drew it with: outlines that do not come from pixels.

    Attributes:
        shapes: bottom to top; each is closed rings float32 (n, 2) in pixels of the frame, y down,
            not repeated at the end, that share no area: around it one way, around holes the other.
        mask_sum: `outlines.drawn_outline.mask_sum` of the mask that they are the outline of.
            Another mask, after an edit, has no such outline.
    """

    shapes: tuple[tuple[Float32Array, ...], ...]
    mask_sum: int


@dataclass(frozen=True, eq=False, repr=False)
class Layer:
    """One layer of a stack.

    Pixels are kept only inside `window`, the part of the frame the layer reaches, so that sixty
    small layers of a large picture cost little more than eight; `visible`, `mask` and `rgba` give
    them in the full frame. Make one from full-frame arrays with `Layer.from_full`.

    Attributes:
        name: shown to people and used in file names (made safe by the writers).
        depth: median predicted depth of its visible pixels, in the DepthMap's units.
        color: mean visible sRGB colour, three floats 0..1.
        frame: (H, W) of the whole picture.
        window: (top, left, bottom, right) in pixels, half open.
        visible_crop: bool, of the window's size: the pixels where this layer is what one sees.
        mask_crop: bool: the completed mask, `visible` plus what continues under layers above.
        rgba_crop: float32 (h, w, 4), straight alpha: the layer's own picture, completed; its alpha
            is anti-aliased coverage. Of a large picture these three are kept packed and are
            unpacked whenever they are asked for: take them once, and write to copies.
        hidden: left out of everything downstream when True.
        uid: identity within its stack that edits keep, 1 or more; 0 before it is in a stack.
        confidence: 0..1, how clearly the picture supports the layer's place in the order; None
            where the predictor does not say.
        group: names of the groups that the layer is in, outermost first; empty for none. Layers
            that follow one another and share names are in one group together.
        blend: how its colour meets what is below, one of `BLEND_MODES`.
        outline: what the mask was drawn with, where a file of curves says so.
    """

    name: str
    depth: float
    color: tuple[float, float, float]
    frame: tuple[int, int]
    window: tuple[int, int, int, int]
    visible_crop: _Crop[BoolArray] = _Crop()
    mask_crop: _Crop[BoolArray] = _Crop()
    rgba_crop: _Crop[Float32Array] = _Crop()
    hidden: bool = False
    uid: int = 0
    confidence: float | None = None
    group: tuple[str, ...] = ()
    blend: str = "normal"
    outline: Outline | None = None

    def __post_init__(self) -> None:
        if self.blend not in BLEND_MODES:
            known = ", ".join(BLEND_MODES)
            raise InputError(f"Layer {self.name!r}: its blend mode is {self.blend!r}, not {known}.")
        top, left, bottom, right = self.window
        size = (bottom - top, right - left)
        inside = 0 <= top < bottom <= self.frame[0] and 0 <= left < right <= self.frame[1]
        kept = (self.__dict__[f"{name}_crop"] for name in ("visible", "mask", "rgba"))
        if not inside or any(array.shape[:2] != size for array in kept):
            raise InputError(f"Layer {self.name!r}: its pixels do not fit its window in the frame.")

    @classmethod
    def from_full(
        cls,
        name: str,
        depth: float,
        color: tuple[float, float, float],
        visible: BoolArray,
        mask: BoolArray,
        rgba: Float32Array,
        hidden: bool = False,
    ) -> Layer:
        """Make a layer from full-frame arrays (H, W), (H, W) and (H, W, 4), cropping them."""
        covered = visible | mask | (rgba[..., 3] > 0.0)
        rows, cols = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
        window = (
            (int(rows[0]), int(cols[0]), int(rows[-1]) + 1, int(cols[-1]) + 1)
            if len(rows)
            else (0, 0, 1, 1)
        )
        box = (slice(window[0], window[2]), slice(window[1], window[3]))
        frame = (int(mask.shape[0]), int(mask.shape[1]))
        crops = (visible[box].copy(), mask[box].copy(), rgba[box].astype(np.float32))
        return cls(name, depth, color, frame, window, *crops, hidden)

    def __repr__(self) -> str:
        hidden = ", hidden" if self.hidden else ""
        return f"<Layer {self.name!r}, depth {self.depth:.3g}, window {self.window}{hidden}>"

    @property
    def box(self) -> tuple[slice, slice]:
        """The window as slices into a full-frame array."""
        top, left, bottom, right = self.window
        return slice(top, bottom), slice(left, right)

    @property
    def visible(self) -> BoolArray:
        """bool (H, W): the pixels where this layer is what the viewer sees."""
        return self._full(self.visible_crop)

    @property
    def mask(self) -> BoolArray:
        """bool (H, W): the completed mask."""
        return self._full(self.mask_crop)

    @property
    def rgba(self) -> Float32Array:
        """float32 (H, W, 4), straight alpha: the layer's own picture in the full frame."""
        return self._full(self.rgba_crop)

    def replaced(self, **changes: Any) -> Layer:
        """As `dataclasses.replace`, without unpacking what stays."""
        return Layer(**{**self.__dict__, **changes})

    @property
    def pixels(self) -> Float32Array | PackedPixels:
        """What `rgba_crop` is kept in."""
        kept: Float32Array | PackedPixels = self.__dict__["rgba_crop"]
        return kept

    def rgba_rows(self, rows: slice) -> Float32Array:
        """Some rows of `rgba_crop`, without the others being unpacked."""
        pixels = self.pixels
        return pixels.rows(rows) if isinstance(pixels, PackedPixels) else pixels[rows]

    def rgba_around(self, margins: tuple[int, int, int, int]) -> Float32Array:
        """`rgba_crop` with so many clear pixels above, below, left and right of it."""
        if not any(margins):
            return self.rgba_crop
        above, below, left, right = margins
        pixels = self.pixels
        height, width = pixels.shape[:2]
        around = np.zeros((above + height + below, left + width + right, 4), np.float32)
        inner = around[above : above + height, left : left + width]
        if isinstance(pixels, PackedPixels):
            pixels.write_rows(slice(0, height), inner)
        else:
            inner[...] = pixels
        return around

    def _full(self, crop: NDArray[Any]) -> NDArray[Any]:
        full = np.zeros(self.frame + crop.shape[2:], crop.dtype)
        full[self.box] = crop
        return full


@dataclass(frozen=True, eq=False, repr=False)
class LayerStack:
    """The heart of the house: a picture as ordered layers; all products are functions of it.

    Attributes:
        labels: int32 (H, W), index into `layers` of the layer seen at each pixel, or -1 where the
            picture is transparent and no layer shows.
        layers: bottom to top.
        name: what outputs are named after.
        meta: small JSON-able facts (method, settings, predictor) that travel with the stack; "dpi",
            [x, y] in pixels per inch, where the picture said so.
    """

    labels: NDArray[np.int32]
    layers: tuple[Layer, ...]
    name: str = "picture"
    meta: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.labels.ndim != 2 or self.labels.dtype != np.int32:
            raise InputError("A layer stack needs int32 HxW labels.")
        for layer in self.layers:
            if layer.frame != self.labels.shape:
                raise InputError(f"Layer {layer.name!r} is not of the stack's size.")
        if self.labels.size and int(self.labels.max()) >= len(self.layers):
            raise InputError(
                f"The labels name layer {int(self.labels.max())}, but the stack's "
                f"labels are 0 to {len(self.layers) - 1}, or -1 for none."
            )

    @property
    def height(self) -> int:
        return int(self.labels.shape[0])

    @property
    def width(self) -> int:
        return int(self.labels.shape[1])

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def __repr__(self) -> str:
        names = ", ".join(repr(layer.name) for layer in self.layers)
        return f"<LayerStack {self.name!r}, {self.width} x {self.height}, bottom to top: {names}>"

    def shown(self) -> tuple[tuple[int, Layer], ...]:
        """The layers that are not hidden, bottom to top, with their index in `layers`."""
        return tuple((i, layer) for i, layer in enumerate(self.layers) if not layer.hidden)

    def top_labels(self) -> NDArray[np.int32]:
        """`labels` as hidden layers leave them: where one was seen, what continues below shows."""
        if not any(layer.hidden for layer in self.layers):
            return self.labels
        return top_labels(self.layers, (self.height, self.width))

    def discrete_depth(self) -> Float32Array:
        """Layer index of every pixel, float32 (H, W): 1 = bottom ... N = top, 0 = nothing there."""
        return (self.labels + 1).astype(np.float32)

    def with_layers(self, layers: tuple[Layer, ...]) -> LayerStack:
        """The same stack with other layers of the same number and order."""
        return replace(self, layers=layers)


def top_labels(layers: Sequence[Layer], frame: tuple[int, int]) -> NDArray[np.int32]:
    """Index of the top-most layer shown at each pixel, int32 (H, W), -1 where there is none."""
    labels = np.full(frame, -1, np.int32)
    for index, layer in enumerate(layers):
        if not layer.hidden:
            labels[layer.box][layer.mask_crop] = index
    return labels
