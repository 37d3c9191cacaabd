"""One drawing in, one picture with its layer index out: the whole recipe, step by step."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from ..reasons import Discarded
from ..render.renderer import Renderer
from ..svg.read_tree import read_tree
from ..svg.sanitize import SvgLimits, sanitize
from .cleaning import CleaningRules, clean, unindexed_ink
from .false_color import encode_index
from .frame import find_window
from .index_map import render_owners
from .shapes import Occlusion, full_shapes, occlusions

__all__ = ["Recipe", "Sample", "encode_index_png", "encode_png", "make_sample"]


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what a drawing becomes.

    width, height: pixels of the window. rules, limits: see there.
    """

    width: int = 256
    height: int = 256
    rules: CleaningRules = field(default_factory=CleaningRules)
    limits: SvgLimits = field(default_factory=SvgLimits)


@dataclass(frozen=True)
class Sample:
    """rgb: uint8 (H, W, 3) on white. index: int32 (H, W), 1 = background.

    layers: their number; palette: RGB per layer or None; flat: whether every layer is one flat
    opaque colour; digest: SHA-256 of the drawing's bytes. page: whether layer 1 is the page.
    invisible: pairs of layers that meet in one colour, see `cleaning.invisible_pairs`.
    shapes: bool (layers, H, W), every layer's full shape; occlusions: the pairs that hide, see
    `shapes.occlusions`.
    """

    rgb: np.ndarray
    index: np.ndarray
    layers: int
    palette: tuple[tuple[int, int, int] | None, ...]
    flat: bool
    digest: str
    page: bool
    invisible: tuple[tuple[int, int], ...]
    shapes: np.ndarray
    occlusions: list[Occlusion]


def make_sample(
    renderer: Renderer,
    data: bytes,
    recipe: Recipe,
    frame: str = "viewbox",
    invisible_boundary: float | None = None,
) -> Sample:
    """Build the pair of one drawing; raises `Discarded` with the reason when it is unfit.

    data: the SVG file's bytes (or .svgz). frame: "viewbox" or "content", see `frame`.
    invisible_boundary: this instead of the rules' own limit.
    """
    if invisible_boundary is not None:
        rules = replace(recipe.rules, invisible_boundary=invisible_boundary)
        recipe = replace(recipe, rules=rules)
    rasters = "reject" if recipe.rules.rasters else "drop"
    tree = read_tree(renderer.normalise(sanitize(data, recipe.limits, rasters=rasters)))
    window = find_window(renderer, tree, frame)
    width, height = recipe.width, recipe.height
    owner_map = render_owners(renderer, tree, window, width, height)
    layers = clean(owner_map, tree.operations, recipe.rules)
    rgb = renderer.picture(tree.picture(window, width, height), width, height)
    rgb = _white_outside(rgb, window.width / window.height)
    if recipe.rules.hairlines:
        missed = unindexed_ink(rgb, owner_map.colors, layers.index)
        if missed > recipe.rules.hairline_ink:
            raise Discarded("hairlines", f"{missed:.2f} of the ink")
    shapes = full_shapes(renderer, tree, window, layers, owner_map)
    return Sample(
        rgb=rgb,
        index=layers.index,
        layers=layers.count,
        palette=layers.palette,
        flat=owner_map.flat,
        digest=hashlib.sha256(data).hexdigest(),
        page=layers.page,
        invisible=layers.invisible,
        shapes=shapes,
        occlusions=occlusions(shapes, layers.index, page=layers.page),
    )


def _white_outside(rgb: np.ndarray, aspect: float) -> np.ndarray:
    """Blank what a renderer shows beyond the page when the page does not fill the picture."""
    height, width = rgb.shape[:2]
    scale = min(width / aspect, float(height))  # page height in pixels
    across, down = scale * aspect, scale
    x = np.abs(np.arange(width) + 0.5 - width / 2) <= across / 2
    y = np.abs(np.arange(height) + 0.5 - height / 2) <= down / 2
    inside = y[:, None] & x[None, :]
    return rgb if inside.all() else np.where(inside[..., None], rgb, np.uint8(255))


def encode_png(rgb: np.ndarray) -> bytes:
    """Return a lossless PNG of uint8 (H, W, 3) RGB; the same bytes for the same pixels."""
    options = [cv2.IMWRITE_PNG_COMPRESSION, 6]
    good, data = cv2.imencode(".png", np.ascontiguousarray(rgb[..., ::-1]), options)
    if not good:
        raise ValueError("the picture could not be encoded as PNG")
    return bytes(data)


def encode_index_png(index: np.ndarray) -> bytes:
    """Return the base-256 PNG of an index map, int (H, W)."""
    return encode_png(encode_index(index))
