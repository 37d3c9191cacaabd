"""Smooth sub-pixel outlines of pixel masks."""

from .contour import Polygon, contour_polygons
from .rings import contour_rings, ring_areas
from .smooth_field import smooth_field
from .window import mask_window

__all__ = [
    "Polygon",
    "contour_polygons",
    "contour_rings",
    "mask_window",
    "ring_areas",
    "smooth_field",
]
