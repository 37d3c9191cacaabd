"""Colour values: transfer curves, primaries, ICC profiles, and what PNG says about colour.

Arrays or profile bytes in, sRGB arrays out; nothing here opens a file. The curves that other rooms
need are named here, the rest is imported from its own module.
"""

from __future__ import annotations

from .transfer import linear_to_srgb, srgb_to_linear, unpremultiply

__all__ = ["linear_to_srgb", "srgb_to_linear", "unpremultiply"]
