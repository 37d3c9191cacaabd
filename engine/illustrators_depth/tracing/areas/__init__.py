"""Layers as areas of one paint each.

In comes a stack, out go areas, bottom to top (`layer_areas`). Each is measured against what those
before it have drawn (`canvas`), so that it makes up for what they got wrong.
"""
