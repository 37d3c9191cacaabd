"""From a layer stack to sheets to cut."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import manifold3d
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, NothingShownError, check_kind
from ..geometry.plates import PlatePiece, plate_pieces
from ..outlines import contour_rings, remembering_tiles, smooth_field
from ..product_settings import PapercutSettings
from ..progress import Progress, no_progress
from ..settings import SettingError
from ..tracing.curves.follow_rings import follow_rings
from ..tracing.curves.path_data import path_data
from ..tracing.drawn_paths import even_points
from ..types import Layer, LayerStack
from .shape import Shape
from .solid import join_islands, with_overlap, without_specks

__all__ = ["Sheet", "papercut"]

Curves = NDArray[np.float64]
"""A closed outline: k cubics with four control points each, (k, 4, 2)."""

_CORNER_ANGLE_DEG = 45.0  # an outline that turns by more has a corner there
_DECIMALS = 3  # of millimetres
# How far a mitred corner may reach out, in offsets, before it is cut off.
_MITER_LIMIT = 4.0
# Points of a ring lie no farther apart, in pixels: corners are looked for at even steps.
_STEP_PX = 1.0
# Curves are not fitted closer to an outline than this: it is no more exact.
_MIN_TOLERANCE_PX = 0.02
# Keys between pieces of a sheet: their height as a share of the frame's width, and at most.
_KEY_SHARE, _MAX_KEY_MM = 0.4, 12.0
# Bytes of smoothed outlines that are kept: those of two sheets of a large picture.
_TILE_BYTES = 1 << 26


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet of paper to cut, or one piece of it where the plate is too small for the whole.

    Attributes:
        name: the layer's; of a piece, with its row and column after it.
        color: sRGB 0..1, the paper to choose.
        width_mm, height_mm: outer size, frame included; the same for all layers.
        outlines: of the paper, closed: float64 (k, 4, 2) each, k cubics, mm, y down.
        guides: of the sheet above, without its frame, in the same form; empty on the uppermost.
        holes: (x, y, radius) of the registration holes, mm, y down.
        kerf_mm: what blade or beam takes away; cut lines run half of it outside the sheet.
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

        The kerf is included: a cutter may leave out what lies off the page, and with it the cut
        around the sheet.
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
        InputError: no layer is shown, bridges are finer than a pixel, holes smaller than the kerf,
            or a plate is too small for pieces with keys.
    """
    check_kind(stack, LayerStack, "stack", "call decompose first")
    settings = PapercutSettings.or_default(settings)
    report = progress or no_progress
    shown = stack.shown()
    if not shown:
        raise NothingShownError(stack.name, "cut")
    drawing = _SheetDrawing(stack, settings)
    # A sheet supports those above it, and is drawn on the one below: most outlines come again.
    with remembering_tiles(_TILE_BYTES):
        return _sheets(shown, drawing, settings, report)


def _sheets(
    shown: Sequence[tuple[int, Layer]],
    drawing: _SheetDrawing,
    settings: PapercutSettings,
    report: Progress,
) -> tuple[Sheet, ...]:
    """The sheets of shown layers, bottom to top."""
    pieces = drawing.pieces()
    sheets: list[list[Sheet]] = []
    # Top to bottom, so that of all masks only what lies above is kept.
    layer_above = supported = None
    for number, (_, layer) in enumerate(reversed(shown)):
        report("sheets", number / len(shown))
        layer_shape = Shape.of(layer)
        shape = (
            layer_shape
            if supported is None or not settings.support
            else layer_shape.united(supported)
        )
        paper = drawing.paper(shape)
        guide = manifold3d.CrossSection() if layer_above is None else drawing.guide(layer_above)
        sheets.append(
            [drawing.sheet(layer.name, layer.color, paper, guide, piece) for piece in pieces]
        )
        layer_above, supported = layer_shape if settings.guides else None, shape
    report("sheets", 1.0)
    return tuple(piece for pieces_of_sheet in reversed(sheets) for piece in pieces_of_sheet)


class _SheetDrawing:
    """Draws sheets: shapes are joined to their frame in pixels, and outlined in millimetres.

    The frame is laid around the finished outlines, so that neither it nor the holes in it depend on
    where the pixels lie.
    """

    def __init__(self, stack: LayerStack, settings: PapercutSettings) -> None:
        self._settings = settings
        self._mm_per_px = settings.size_mm / max(stack.width, stack.height)
        # Paper around the picture that shapes are joined to; what is beyond the frame is cut off.
        self._border_px = math.ceil(settings.frame_mm / self._mm_per_px) + 1
        if settings.bridge_mm and settings.bridge_mm < self._mm_per_px:
            raise InputError(
                f"Bridges of {settings.bridge_mm:g} mm are finer than a pixel "
                f"({self._mm_per_px:.3g} mm); make them wider or the picture larger."
            )
        frame = settings.frame_mm
        inner = (stack.width * self._mm_per_px, stack.height * self._mm_per_px)
        self.size_mm = (
            round(inner[0] + 2.0 * frame, _DECIMALS),
            round(inner[1] + 2.0 * frame, _DECIMALS),
        )
        self._window = manifold3d.CrossSection.square(inner).translate((frame, frame))
        self._frame = manifold3d.CrossSection.square(self.size_mm) - self._window

    def paper(self, shape: Shape) -> manifold3d.CrossSection:
        """Frame, shape and bridges, in mm: where there is paper, one piece."""
        smallest = self._settings.smallest_mm2 / self._mm_per_px**2
        kept = without_specks(shape.mask, smallest)
        solid = np.pad(kept, self._border_px, constant_values=True)
        if self._settings.bridge_mm:
            solid = join_islands(solid, self._settings.bridge_mm / self._mm_per_px)
        if shape.drawn is None:
            return (self._area(solid) ^ self._window) + self._frame
        bridges = solid & ~np.pad(kept, self._border_px, constant_values=True)
        area = self._placed(shape.without_specks(smallest)) + self._area(
            with_overlap(bridges, solid)
        )
        return (area ^ self._window) + self._frame

    def guide(self, shape: Shape) -> manifold3d.CrossSection:
        """Where the sheet above goes, in mm, without its frame."""
        if shape.drawn is not None:
            return self._placed(shape.drawn) ^ self._window
        return self._area(np.pad(shape.mask, self._border_px)) ^ self._window

    def _placed(self, drawn: manifold3d.CrossSection) -> manifold3d.CrossSection:
        """An area in the picture's pixels, in mm."""
        frame = self._settings.frame_mm
        return drawn.scale((self._mm_per_px, self._mm_per_px)).translate((frame, frame))

    def _area(self, solid: NDArray[np.bool_]) -> manifold3d.CrossSection:
        """The smooth area of a mask in the padded raster, in mm."""
        rings = contour_rings(smooth_field(solid))
        if not rings:
            return manifold3d.CrossSection()
        shift = self._settings.frame_mm - self._border_px * self._mm_per_px
        placed = [ring * self._mm_per_px + shift for ring in rings]
        return manifold3d.CrossSection(placed, manifold3d.FillRule.EvenOdd)

    def pieces(self) -> tuple[PlatePiece, ...]:
        """The pieces that each sheet is cut into: one, unless there is a plate it does not fit."""
        key_mm = min(self._settings.frame_mm * _KEY_SHARE, _MAX_KEY_MM)
        return plate_pieces(self.size_mm, self._settings.plate_mm, key_mm)

    def sheet(
        self,
        name: str,
        color: tuple[float, float, float],
        paper: manifold3d.CrossSection,
        guide: manifold3d.CrossSection,
        piece: PlatePiece,
    ) -> Sheet:
        """One piece of a sheet, given the whole sheet's paper and the next sheet, in mm."""
        area = piece.cut(paper)
        left, top, right, bottom = piece.box
        box = piece.plain_box
        holes = tuple(
            (round(x - left, _DECIMALS), round(y - top, _DECIMALS), radius)
            for x, y, radius in self._holes()
            if box[0] <= x < box[2] and box[1] <= y < box[3]
        )
        if self._settings.kerf_mm > 0.0:
            area = area.offset(
                self._settings.kerf_mm / 2.0, manifold3d.JoinType.Miter, _MITER_LIMIT
            )
        return Sheet(
            name=f"{name}{piece.label}",
            color=color,
            width_mm=round(right - left, _DECIMALS),
            height_mm=round(bottom - top, _DECIMALS),
            outlines=self._curves(area.translate((-left, -top))),
            guides=self._curves((guide ^ piece.polygon).translate((-left, -top))),
            holes=holes,
            kerf_mm=self._settings.kerf_mm,
            tolerance_mm=self._settings.tolerance_mm,
        )

    def _curves(self, area: manifold3d.CrossSection) -> tuple[Curves, ...]:
        """The outlines of an area, mm, as cubics."""
        rings = [
            np.asarray(ring) / self._mm_per_px for ring in area.to_polygons() if len(ring) >= 3
        ]
        tolerance_px = max(self._settings.tolerance_mm / self._mm_per_px, _MIN_TOLERANCE_PX)
        curves = follow_rings(
            [even_points(ring, _STEP_PX) for ring in rings], tolerance_px, _CORNER_ANGLE_DEG
        )
        return tuple(curve * self._mm_per_px for curve in curves)

    def _holes(self) -> tuple[tuple[float, float, float], ...]:
        """Registration holes (x, y, radius) in the middle of the frame's corners, mm."""
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
