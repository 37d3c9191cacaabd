"""The verb stack -> sheets to cut."""

from __future__ import annotations

from dataclasses import dataclass

import manifold3d
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, check_kind
from ..io.xml_text import attribute, text
from ..outlines import contour_rings, smooth_field
from ..product_settings import PapercutSettings
from ..progress import Progress, no_progress
from ..tracing.curves import follow_rings, path_data
from ..tracing.paint import hex_color
from ..types import LayerStack
from .solid import join_islands, without_specks

__all__ = ["Sheet", "papercut"]

_CORNER_ANGLE = 45.0
_DECIMALS = 3
_HAIRLINE = 0.1  # mm, what most cutters take as "cut along"
_CUT, _SCORE = "#ff0000", "#0000ff"


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    Attributes:
        name: the layer's.
        color: sRGB 0..1, the paper to choose.
        width_mm, height_mm: outer size, frame included; the same for all sheets.
        shape: SVG path data of the paper, in mm, to fill by the even-odd rule.
        guide: the same of the sheet above without frame, or "".
        holes: centre and radius of the registration holes, mm.
        kerf_mm: the drawing is so much larger than the sheet: lines run half of it outside.
    """

    name: str
    color: tuple[float, float, float]
    width_mm: float
    height_mm: float
    shape: str
    guide: str
    holes: tuple[tuple[float, float, float], ...]
    kerf_mm: float = 0.0

    def to_svg(self) -> str:
        """Text of a drawing at true size: a group to cut (red) and one to score (blue)."""
        line = f'fill="none" stroke-width="{_HAIRLINE}"'
        holes = "".join(f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}"/>\n' for x, y, r in self.holes)
        guide = f'<path d="{self.guide}"/>\n' if self.guide else ""
        # A cutter may leave out what lies off the page, and with it the cut around the sheet.
        page = f"{self.width_mm + self.kerf_mm:.7g}", f"{self.height_mm + self.kerf_mm:.7g}"
        start = f"{0.0 - self.kerf_mm / 2.0:g}" if self.kerf_mm else "0"
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<svg xmlns="http://www.w3.org/2000/svg"'
            ' xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" version="1.1"'
            f' width="{page[0]}mm" height="{page[1]}mm"'
            f' viewBox="{start} {start} {page[0]} {page[1]}">\n'
            f"<title>{text(self.name)}, paper {hex_color(self.color)}</title>\n"
            f'<g id="score" inkscape:groupmode="layer" inkscape:label="score" {line}'
            f' stroke="{_SCORE}">\n{guide}</g>\n'
            f'<g id="cut" inkscape:groupmode="layer" inkscape:label={attribute("cut " + self.name)}'
            f' {line} stroke="{_CUT}">\n{holes}<path d="{self.shape}"/>\n</g>\n</svg>\n'
        )


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
        InputError: no layer is shown, or a measure is finer than the picture's pixels allow.
    """
    check_kind(stack, LayerStack, "stack", "call decompose first")
    settings = PapercutSettings.given(settings)
    report = progress or no_progress
    shown = stack.shown()
    if not shown:
        raise InputError(f"All layers of {stack.name!r} are hidden; show at least one to cut it.")
    plate = _Plate(stack, settings)
    sheets: list[Sheet] = []
    # Top to bottom, so that of all masks only what lies above is kept.
    above = supported = None
    for number, (_, layer) in enumerate(reversed(shown)):
        report("sheets", number / len(shown))
        mask = np.asarray(layer.mask)
        shape = mask if supported is None or not settings.support else mask | supported
        sheets.append(
            Sheet(
                name=layer.name,
                color=layer.color,
                width_mm=plate.width_mm,
                height_mm=plate.height_mm,
                shape=plate.outline(plate.sheet(shape), settings.kerf_mm / 2.0),
                guide="" if above is None else plate.outline(plate.framed(above), 0.0),
                holes=plate.holes(),
                kerf_mm=settings.kerf_mm,
            )
        )
        above, supported = mask if settings.guides else None, shape
    report("sheets", 1.0)
    return tuple(reversed(sheets))


class _Plate:
    """The common raster of all sheets: the picture with a frame around it."""

    def __init__(self, stack: LayerStack, settings: PapercutSettings) -> None:
        self._settings = settings
        self._mm = settings.size_mm / max(stack.width, stack.height)  # per pixel
        self._border = max(1, round(settings.frame_mm / self._mm))
        if settings.bridge_mm and settings.bridge_mm < self._mm:
            raise InputError(
                f"Bridges of {settings.bridge_mm:g} mm are finer than a pixel "
                f"({self._mm:.3g} mm); make them wider or the picture larger."
            )
        self.width_mm = round((stack.width + 2 * self._border) * self._mm, _DECIMALS)
        self.height_mm = round((stack.height + 2 * self._border) * self._mm, _DECIMALS)

    def framed(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """A mask in the raster of the whole sheet."""
        return np.pad(mask, self._border)

    def sheet(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Frame, shape and bridges: True where there is paper, one piece."""
        smallest = self._settings.smallest_mm2 / self._mm**2
        solid = np.pad(without_specks(mask, smallest), self._border, constant_values=True)
        if self._settings.bridge_mm:
            solid = join_islands(solid, self._settings.bridge_mm / self._mm)
        return solid

    def outline(self, solid: NDArray[np.bool_], grow_mm: float) -> str:
        """Path data in mm of an area, moved outwards by `grow_mm`."""
        rings = contour_rings(smooth_field(solid))
        if grow_mm > 0.0 and rings:
            area = manifold3d.CrossSection(rings, manifold3d.FillRule.EvenOdd)
            grown = area.offset(grow_mm / self._mm, manifold3d.JoinType.Miter, 4.0)
            rings = [np.asarray(ring) for ring in grown.to_polygons() if len(ring) >= 3]
        tolerance = max(self._settings.tolerance_mm / self._mm, 0.02)
        curves = follow_rings(rings, tolerance, _CORNER_ANGLE)
        scaled = [curve * self._mm for curve in curves]
        return path_data(scaled, _DECIMALS, tolerance * self._mm)

    def holes(self) -> tuple[tuple[float, float, float], ...]:
        """Registration holes in the middle of the frame's corners, in mm."""
        if not self._settings.hole_mm:
            return ()
        inset = self._border * self._mm / 2.0
        # What the beam takes away makes a hole larger.
        radius = round((self._settings.hole_mm - self._settings.kerf_mm) / 2.0, _DECIMALS)
        if radius <= 0.0:
            raise InputError("The registration holes are smaller than the kerf; enlarge hole_mm.")
        ends_x = (inset, self.width_mm - inset)
        ends_y = (inset, self.height_mm - inset)
        return tuple(
            (round(x, _DECIMALS), round(y, _DECIMALS), radius) for y in ends_y for x in ends_x
        )
