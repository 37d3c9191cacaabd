"""The verb stack -> sheets to cut."""

from __future__ import annotations

import math
from dataclasses import dataclass

import manifold3d
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, NothingShownError, check_kind
from ..geometry.plates import Tile, plate_tiles
from ..outlines import contour_rings, smooth_field
from ..product_settings import PapercutSettings
from ..progress import Progress, no_progress
from ..settings import SettingError
from ..tracing.curves.follow_rings import follow_rings
from ..tracing.curves.path_data import path_data
from ..tracing.drawn_paths import even_points
from ..types import LayerStack
from .shape import Shape
from .solid import join_islands, rooted, without_specks

__all__ = ["Sheet", "papercut"]

Curves = NDArray[np.float64]

_CORNER_ANGLE = 45.0
_DECIMALS = 3
_MITER = 4.0
# Points of a ring lie no farther apart, in pixels: what looks for corners expects even steps.
_STEP_PX = 1.0


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet.

    Attributes:
        name: the layer's; with the place of the piece where a sheet is cut into several.
        color: sRGB 0..1, the paper to choose.
        width_mm, height_mm: outer size, frame included; the same for all sheets.
        outlines: of the paper, closed: float64 (k, 4, 2) each, k cubics, mm, y down.
        guides: the same of the sheet above without frame; empty on the uppermost.
        holes: centre and radius of the registration holes, mm.
        kerf_mm: the drawing is so much larger than the sheet: lines run half of it outside.
        tolerance_mm: how far the curves stray from the outlines.
    """

    name: str
    color: tuple[float, float, float]
    width_mm: float
    height_mm: float
    outlines: tuple[Curves, ...]
    guides: tuple[Curves, ...]
    holes: tuple[tuple[float, float, float], ...]
    kerf_mm: float = 0.0
    tolerance_mm: float = 0.05

    @property
    def shape(self) -> str:
        """SVG path data of the paper, in mm, to fill by the even-odd rule."""
        return path_data(self.outlines, _DECIMALS, self.tolerance_mm)

    @property
    def guide(self) -> str:
        """SVG path data of where the sheet above goes, or ""."""
        return path_data(self.guides, _DECIMALS, self.tolerance_mm)

    @property
    def page(self) -> tuple[float, float, float, float]:
        """What the drawing covers, mm: left, top, width, height.

        A cutter may leave out what lies off the page, and with it the cut around the sheet.
        """
        start = 0.0 - self.kerf_mm / 2.0 if self.kerf_mm else 0.0
        return start, start, self.width_mm + self.kerf_mm, self.height_mm + self.kerf_mm


def papercut(
    stack: LayerStack,
    settings: PapercutSettings | None = None,
    progress: Progress | None = None,
) -> tuple[Sheet, ...]:
    """Turn each shown layer into a sheet, bottom to top, all of one size and in register.

    Every sheet is one piece: a frame, the layer's completed shape, and bridges where it would fall
    apart.

    Args:
        stack: the layers.
        settings: sizes in millimetres.
        progress: called with ("sheets", fraction); may raise Cancelled.

    Raises:
        InputError: no layer is shown, a measure is finer than the picture's pixels allow, or a
            plate is too small for pieces with keys.
    """
    check_kind(stack, LayerStack, "stack", "call decompose first")
    settings = PapercutSettings.or_default(settings)
    report = progress or no_progress
    shown = stack.shown()
    if not shown:
        raise NothingShownError(stack.name, "cut")
    raster = _Raster(stack, settings)
    tiles = raster.tiles()
    sheets: list[list[Sheet]] = []
    # Top to bottom, so that of all masks only what lies above is kept.
    above = supported = None
    for number, (_, layer) in enumerate(reversed(shown)):
        report("sheets", number / len(shown))
        own = Shape.of(layer)
        shape = own if supported is None or not settings.support else own.united(supported)
        paper = raster.paper(shape)
        guide = manifold3d.CrossSection() if above is None else raster.guide(above)
        sheets.append([raster.sheet(layer.name, layer.color, paper, guide, t) for t in tiles])
        above, supported = own if settings.guides else None, shape
    report("sheets", 1.0)
    return tuple(piece for sheet in reversed(sheets) for piece in sheet)


class _Raster:
    """The picture with a frame around it: in pixels where shapes are joined, then in millimetres.

    The frame is laid around the finished outlines, so that neither it nor the holes in it depend on
    where the pixels lie.
    """

    def __init__(self, stack: LayerStack, settings: PapercutSettings) -> None:
        self._settings = settings
        self._mm = settings.size_mm / max(stack.width, stack.height)  # per pixel
        # In pixels only something to hang on to; what is beyond the frame is cut off.
        self._border = math.ceil(settings.frame_mm / self._mm) + 1
        if settings.bridge_mm and settings.bridge_mm < self._mm:
            raise InputError(
                f"Bridges of {settings.bridge_mm:g} mm are finer than a pixel "
                f"({self._mm:.3g} mm); make them wider or the picture larger."
            )
        frame = settings.frame_mm
        inner = (stack.width * self._mm, stack.height * self._mm)
        self.size_mm = (
            round(inner[0] + 2.0 * frame, _DECIMALS),
            round(inner[1] + 2.0 * frame, _DECIMALS),
        )
        self._window = manifold3d.CrossSection.square(inner).translate((frame, frame))
        self._frame = manifold3d.CrossSection.square(self.size_mm) - self._window

    def paper(self, shape: Shape) -> manifold3d.CrossSection:
        """Frame, shape and bridges, in mm: where there is paper, one piece."""
        smallest = self._settings.smallest_mm2 / self._mm**2
        kept = without_specks(shape.mask, smallest)
        solid = np.pad(kept, self._border, constant_values=True)
        if self._settings.bridge_mm:
            solid = join_islands(solid, self._settings.bridge_mm / self._mm)
        if shape.drawn is None:
            return (self._area(solid) ^ self._window) + self._frame
        bridges = solid & ~np.pad(kept, self._border, constant_values=True)
        area = self._placed(shape.without_specks(smallest)) + self._area(rooted(bridges, solid))
        return (area ^ self._window) + self._frame

    def guide(self, shape: Shape) -> manifold3d.CrossSection:
        """Where the sheet above goes, in mm, without its frame."""
        if shape.drawn is not None:
            return self._placed(shape.drawn) ^ self._window
        return self._area(np.pad(shape.mask, self._border)) ^ self._window

    def _placed(self, drawn: manifold3d.CrossSection) -> manifold3d.CrossSection:
        """An area in the picture's pixels, in mm."""
        frame = self._settings.frame_mm
        return drawn.scale((self._mm, self._mm)).translate((frame, frame))

    def _area(self, solid: NDArray[np.bool_]) -> manifold3d.CrossSection:
        """The smooth area of a mask in the padded raster, in mm."""
        rings = contour_rings(smooth_field(solid))
        if not rings:
            return manifold3d.CrossSection()
        shift = self._settings.frame_mm - self._border * self._mm
        placed = [ring * self._mm + shift for ring in rings]
        return manifold3d.CrossSection(placed, manifold3d.FillRule.EvenOdd)

    def tiles(self) -> tuple[Tile, ...]:
        """The pieces that each sheet is cut into: one, unless there is a plate it does not fit."""
        key = min(self._settings.frame_mm * 0.4, 12.0)
        return plate_tiles(self.size_mm, self._settings.plate_mm, key)

    def sheet(
        self,
        name: str,
        color: tuple[float, float, float],
        paper: manifold3d.CrossSection,
        guide: manifold3d.CrossSection,
        tile: Tile,
    ) -> Sheet:
        """One piece of a sheet as it is drawn."""
        area = tile.cut(paper)
        left, top, right, bottom = tile.box
        inside = tile.plain
        holes = tuple(
            (round(x - left, _DECIMALS), round(y - top, _DECIMALS), radius)
            for x, y, radius in self._holes()
            if inside[0] <= x < inside[2] and inside[1] <= y < inside[3]
        )
        if self._settings.kerf_mm > 0.0:
            area = area.offset(self._settings.kerf_mm / 2.0, manifold3d.JoinType.Miter, _MITER)
        return Sheet(
            name=f"{name}{tile.label}",
            color=color,
            width_mm=round(right - left, _DECIMALS),
            height_mm=round(bottom - top, _DECIMALS),
            outlines=self._curves(area.translate((-left, -top))),
            guides=self._curves((guide ^ tile.polygon).translate((-left, -top))),
            holes=holes,
            kerf_mm=self._settings.kerf_mm,
            tolerance_mm=self._settings.tolerance_mm,
        )

    def _curves(self, area: manifold3d.CrossSection) -> tuple[Curves, ...]:
        """The outlines of an area, mm, as cubics."""
        rings = [np.asarray(ring) / self._mm for ring in area.to_polygons() if len(ring) >= 3]
        tolerance = max(self._settings.tolerance_mm / self._mm, 0.02)
        curves = follow_rings(
            [even_points(ring, _STEP_PX) for ring in rings], tolerance, _CORNER_ANGLE
        )
        return tuple(curve * self._mm for curve in curves)

    def _holes(self) -> tuple[tuple[float, float, float], ...]:
        """Registration holes in the middle of the frame's corners, in mm."""
        if not self._settings.hole_mm:
            return ()
        inset = self._settings.frame_mm / 2.0
        # What the beam takes away makes a hole larger.
        radius = round((self._settings.hole_mm - self._settings.kerf_mm) / 2.0, _DECIMALS)
        if radius <= 0.0:
            raise SettingError(
                PapercutSettings,
                "The registration holes are smaller than the kerf; enlarge {hole_mm}.",
            )
        ends_x = (inset, self.size_mm[0] - inset)
        ends_y = (inset, self.size_mm[1] - inset)
        return tuple(
            (round(x, _DECIMALS), round(y, _DECIMALS), radius) for y in ends_y for x in ends_x
        )
