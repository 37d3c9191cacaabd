"""Reads an SVG as the ground truth was read: its picture, its index map, its visible layers.

A drawing made by any tool goes through the data set's own steps (safe parsing, usvg, paint order
in false colour, merging of consecutive operations of one colour): both sides are counted alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from ..data.drawing.cleaning import CleaningRules, clean
from ..data.drawing.index_map import render_owners
from ..data.reasons import Discarded
from ..data.render.renderer import Renderer, RenderLimits
from ..data.svg.read_tree import read_tree
from ..data.svg.sanitize import SvgLimits, sanitize

__all__ = ["ReadSvg", "SvgReader"]

# A prediction is measured as it is: nothing about it is a reason to leave it out.
_RULES = CleaningRules(
    discard_invisible_boundaries=False,
    min_layers=1,
    rasters=False,
    repaint_check=False,
    hairlines=False,
    duplicates=False,
    near_duplicates=False,
)
# Tracers write far more path data than artists do.
_LIMITS = SvgLimits(bytes=64_000_000, path_characters=32_000_000)


@dataclass(frozen=True)
class ReadSvg:
    """A drawing as pixels.

    Attributes:
        rgb: uint8 (H, W, 3), anti-aliased, on white.
        index: int32 (H, W), 1 = the bottom layer (the white page where it shows) ... `layers`.
        layers: number of visible layers after merging consecutive ones of one colour.
    """

    rgb: NDArray[np.uint8]
    index: NDArray[np.int32]
    layers: int


class SvgReader:
    """Turns SVG bytes into `ReadSvg`; a context manager, since it owns the renderer's process."""

    def __init__(self) -> None:
        self._renderer = Renderer(RenderLimits(seconds=60.0))

    def __enter__(self) -> SvgReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._renderer.close()

    def read(self, svg: bytes, width: int, height: int) -> ReadSvg:
        """Render a drawing's page into width x height pixels, fitted and centred.

        Raises `Discarded` with a named reason when it cannot be rendered at all; a drawing that
        paints nothing is a white page of one layer.
        """
        renderer = self._renderer
        try:
            tree = read_tree(renderer.normalise(sanitize(svg, _LIMITS, rasters="drop")))
            owners = render_owners(renderer, tree, tree.window, width, height)
            layers = clean(owners, tree.operations, _RULES)
        except Discarded as verdict:
            if verdict.reason != "empty":
                raise
            page = np.full((height, width, 3), 255, np.uint8)
            return ReadSvg(page, np.ones((height, width), np.int32), 1)
        rgb = renderer.picture(tree.picture(tree.window, width, height), width, height)
        return ReadSvg(rgb, layers.index, layers.count)
