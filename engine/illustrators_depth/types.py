"""The nouns of the house: Image, DepthMap, Outline, Layer, LayerStack, MeshPart, Mesh.

Each is a small frozen dataclass over numpy arrays. Verbs elsewhere turn one noun into the
next; no noun touches the disk. Pixel arrays are row-major with row 0 at the *top* of the
picture; meshes are in millimetres with x to the right, y up the picture and z to the viewer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import InputError
from .raster.tiling import strips

__all__ = [
    "BLEND_MODES",
    "DepthMap",
    "Image",
    "Layer",
    "LayerStack",
    "Mesh",
    "MeshPart",
    "Outline",
    "top_labels",
]

BLEND_MODES = ("normal", "multiply", "screen", "overlay")
"""How a layer's colour may meet what is below it (W3C Compositing and Blending, level 1)."""

Float32Array = NDArray[np.float32]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, repr=False)
class Image:
    """A picture in straight-alpha sRGB.

    Attributes:
        rgba: float32, (H, W, 4), 0..1, sRGB-encoded colour, straight (not premultiplied) alpha.
        name: what outputs are named after, without folder or suffix.
        source: where it came from (a path, or a word such as "array").
        dpi: pixels per inch along x and y, None where the source does not say.
    """

    rgba: Float32Array
    name: str = "picture"
    source: str = "array"
    dpi: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if self.rgba.ndim != 3 or self.rgba.shape[2] != 4 or self.rgba.dtype != np.float32:
            raise InputError(
                f"An Image needs float32 HxWx4, not {self.rgba.dtype} {self.rgba.shape}; "
                "use read_image to convert."
            )
        if 0 in self.rgba.shape:
            raise InputError(f"The picture {self.name!r} has no pixels.")

    @property
    def height(self) -> int:
        return int(self.rgba.shape[0])

    @property
    def width(self) -> int:
        return int(self.rgba.shape[1])

    def __repr__(self) -> str:
        return f"<Image {self.name!r}, {self.width} x {self.height}>"

    @property
    def alpha(self) -> Float32Array:
        """Coverage, float32 (H, W), 0..1."""
        return self.rgba[..., 3]

    def over(self, background: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> Float32Array:
        """The colour over a plain background, float32 (H, W, 3), sRGB 0..1 (white by default)."""
        over = np.empty((self.height, self.width, 3), np.float32)
        for rows in strips(self.height, self.width):
            part, out = self.rgba[rows], over[rows]
            alpha = np.ascontiguousarray(part[..., 3])
            rest = 1.0 - alpha
            for channel, page in enumerate(background):
                np.multiply(part[..., channel], alpha, out=out[..., channel])
                out[..., channel] += rest * np.float32(page)
        return over


@dataclass(frozen=True, eq=False, repr=False)
class DepthMap:
    """An illustrator's depth: a continuous layer index for every pixel.

    Attributes:
        values: float32, (H, W), finite, **larger = nearer the viewer**. Only the order and the
            relative spacing carry meaning; the unit is "layers", the offset is arbitrary.
        predictor: the predictor's name ("compact", "heuristic", "precomputed", ...).
        device: where it ran ("cpu", "cuda:0", "none").
        confidence: float32, (H, W), 0..1: how clearly the picture supports each pixel's place in
            the order, or None where the predictor does not say.
    """

    values: Float32Array
    predictor: str = "precomputed"
    device: str = "none"
    confidence: Float32Array | None = None

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.dtype != np.float32 or self.values.size == 0:
            raise InputError(
                f"A depth map needs float32 HxW, not {self.values.dtype} {self.values.shape}."
            )
        if not np.isfinite(self.values).all():
            raise InputError("The depth map holds NaN or infinite values; repair it first.")
        if self.confidence is not None and self.confidence.shape != self.values.shape:
            raise InputError("A depth map's confidence must be of the map's size.")

    @property
    def shape(self) -> tuple[int, int]:
        return int(self.values.shape[0]), int(self.values.shape[1])

    def __repr__(self) -> str:
        height, width = self.shape
        return f"<DepthMap {width} x {height}, {self.predictor} on {self.device}>"

    def normalized(self) -> Float32Array:
        """Values scaled to 0 (farthest) .. 1 (nearest), float32 (H, W); a flat map gives 0."""
        low, high = float(self.values.min()), float(self.values.max())
        if high <= low:
            return np.zeros_like(self.values)
        return ((self.values - low) / np.float32(high - low)).astype(np.float32)


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
            is anti-aliased coverage.
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
    visible_crop: BoolArray
    mask_crop: BoolArray
    rgba_crop: Float32Array
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
        crops = (self.visible_crop.shape, self.mask_crop.shape, self.rgba_crop.shape[:2])
        if not inside or any(shape != size for shape in crops):
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
                f"The labels name layer {int(self.labels.max())}, but the stack has "
                f"{len(self.layers)} layers; labels are 0 to {len(self.layers) - 1}, or -1."
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


@dataclass(frozen=True)
class MeshPart:
    """One closed piece of a Mesh: the slab of one layer, or the whole relief.

    Attributes:
        name: the layer's name, or "relief".
        layer: index into the stack's layers, -1 for a relief of all of them.
        vertices: slice of Mesh.vertices that belongs to this part.
        faces: slice of Mesh.faces that belongs to this part.
        color: sRGB 0..1.
    """

    name: str
    layer: int
    vertices: slice
    faces: slice
    color: tuple[float, float, float] = (0.8, 0.8, 0.8)


@dataclass(frozen=True, eq=False, repr=False)
class Mesh:
    """Triangles in millimetres; every part is closed, manifold and outward-facing.

    Attributes:
        vertices: float32 (V, 3), mm: x right, y up the picture, z towards the viewer; the picture's
            lower left corner is at x = y = 0 and the lowest face at z = 0.
        faces: int32 (F, 3), counter-clockwise seen from outside; no face spans two parts.
        uv: float32 (V, 2), 0..1, v up: where each vertex lies in the picture.
        parts: the pieces, bottom to top.
    """

    vertices: Float32Array
    faces: NDArray[np.int32]
    uv: Float32Array
    parts: tuple[MeshPart, ...]

    def __repr__(self) -> str:
        x, y, z = self.size_mm if len(self.vertices) else (0.0, 0.0, 0.0)
        size = f"{x:.4g} x {y:.4g} x {z:.4g} mm"
        return f"<Mesh {size}, {len(self.faces)} triangles, {len(self.parts)} parts>"

    @property
    def size_mm(self) -> tuple[float, float, float]:
        """Extent of the bounding box along x, y and z, in mm."""
        extent = self.vertices.max(axis=0) - self.vertices.min(axis=0)
        return float(extent[0]), float(extent[1]), float(extent[2])

    def split(self) -> tuple[Mesh, ...]:
        """One Mesh per part, with its own vertex numbering."""
        return tuple(self.part(i) for i in range(len(self.parts)))

    def part(self, index: int) -> Mesh:
        """The part at `index` as a Mesh of its own."""
        piece = self.parts[index]
        vertices = self.vertices[piece.vertices]
        faces = (self.faces[piece.faces] - piece.vertices.start).astype(np.int32)
        alone = replace(piece, vertices=slice(0, len(vertices)), faces=slice(0, len(faces)))
        return Mesh(vertices, faces, self.uv[piece.vertices], (alone,))
