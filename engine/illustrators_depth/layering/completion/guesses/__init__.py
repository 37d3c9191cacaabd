"""What is hidden where no outline tells how it goes on: it is guessed from what is seen around."""

from .closings import PartWidths, beyond_closings
from .convex_bodies import convex_paint
from .domes import dome_over
from .nearest_side import nearest_is, settle_unclear, unclear_reach
from .rods import rod_depth
from .sheets import rectangle_corners, sheet_outline
from .stroke_loops import paint_in_loop

__all__ = [
    "PartWidths",
    "beyond_closings",
    "convex_paint",
    "dome_over",
    "nearest_is",
    "paint_in_loop",
    "rectangle_corners",
    "rod_depth",
    "settle_unclear",
    "sheet_outline",
    "unclear_reach",
]
