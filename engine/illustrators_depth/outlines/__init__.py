"""Smooth sub-pixel outlines of pixel masks."""

from .contour import outline_rings
from .rings import contour_rings, ring_areas, short_contour_rings
from .smooth_field import COVERAGE_SMOOTHING, smooth_field
from .tile_cache import remember_tiles, remembering_tiles

__all__ = [
    "COVERAGE_SMOOTHING",
    "contour_rings",
    "outline_rings",
    "remember_tiles",
    "remembering_tiles",
    "ring_areas",
    "short_contour_rings",
    "smooth_field",
]
