"""Layers as sheets of paper, card or plywood: one drawing to cut per sheet, in millimetres."""

from .sheets import Sheet, papercut
from .svg import sheet_svg
from .write import write_papercut

__all__ = ["Sheet", "papercut", "sheet_svg", "write_papercut"]
