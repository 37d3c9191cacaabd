"""Smooth sub-pixel outlines of pixel masks."""

from .contour import Polygon, contour_polygons
from .smooth_field import smooth_field
from .window import mask_window

__all__ = ["Polygon", "contour_polygons", "mask_window", "smooth_field"]
