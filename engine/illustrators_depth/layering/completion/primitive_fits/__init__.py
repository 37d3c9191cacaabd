"""Simple shapes fitted to points of an outline; nothing here knows of layers."""

from .ellipses import ellipse
from .polygons import regular_polygon
from .rectangles import rounded_rectangle

__all__ = ["ellipse", "regular_polygon", "rounded_rectangle"]
