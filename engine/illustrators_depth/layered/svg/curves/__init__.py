"""Outlines of an SVG's own shapes, as polygons: paths, strokes and clip paths."""
