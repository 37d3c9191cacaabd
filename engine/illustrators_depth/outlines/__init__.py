"""Smooth sub-pixel outlines of pixel masks."""

from .contour import Polygon, contour_polygons
from .smooth_field import smooth_field

__all__ = ["Polygon", "contour_polygons", "smooth_field"]
