"""Sheets as DXF, the drawing that laser and plotter programs take, through ezdxf."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import UnavailableError
from .layout import flat_lines, place_sheets
from .sheets import Sheet

__all__ = ["check_dxf", "write_dxf"]

# Layers as cutters call them, with AutoCAD's color numbers: red, blue, green.
LAYERS = {"CUT": 1, "SCORE": 5, "ENGRAVE": 3}
_MILLIMETERS = 4  # DXF's number for the unit ($INSUNITS)
_LABEL_HEIGHT_MM = 3.0
_LABEL_INSET_MM = 2.0


def check_dxf() -> None:
    """Raise UnavailableError unless ezdxf can be loaded."""
    _ezdxf()


def write_dxf(sheets: Sequence[Sheet], path: Path) -> None:
    """All sheets side by side, in millimetres, y up.

    Layer CUT has closed polylines and the holes as circles, SCORE where the sheet above goes,
    ENGRAVE the name of each sheet on its frame. Polylines follow the curves within a fifth of the
    sheet's tolerance.

    Raises UnavailableError where ezdxf cannot be loaded.
    """
    drawing = _ezdxf().new("R2010", units=_MILLIMETERS)
    for name, color in LAYERS.items():
        drawing.layers.add(name, color=color)
    model_space: Any = drawing.modelspace()
    places, size = place_sheets(sheets)
    # Programs that open the file show what these name; ezdxf leaves them empty.
    model_space.reset_extents((0.0, 0.0, 0.0), (*size, 0.0))
    drawing.set_modelspace_vport(size[1], center=(size[0] / 2.0, size[1] / 2.0))
    for number, (sheet, (x, y)) in enumerate(zip(sheets, places, strict=True), 1):
        tolerance_mm = sheet.tolerance_mm / 5.0
        for layer, outlines in (("CUT", sheet.outlines), ("SCORE", sheet.guides)):
            for line in flat_lines(outlines, tolerance_mm):
                points = [(x + px, size[1] - y - py) for px, py in line.tolist()]
                model_space.add_lwpolyline(points, close=True, dxfattribs={"layer": layer})
        for hole_x, hole_y, radius in sheet.holes:
            center = (x + hole_x, size[1] - y - hole_y)
            model_space.add_circle(center, radius, dxfattribs={"layer": "CUT"})
        label = model_space.add_text(
            f"{number} {sheet.name}", height=_LABEL_HEIGHT_MM, dxfattribs={"layer": "ENGRAVE"}
        )
        label.set_placement(
            (x + sheet.width_mm / 3.0, size[1] - y - sheet.height_mm + _LABEL_INSET_MM)
        )
    drawing.saveas(path)


def _ezdxf() -> Any:
    try:
        return importlib.import_module("ezdxf")
    except ImportError as error:
        raise UnavailableError(
            'DXF needs the package ezdxf: pip install ezdxf (or "illustrators-depth[dxf]"), or '
            "write .svg or .pdf."
        ) from error
