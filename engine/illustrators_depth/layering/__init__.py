"""From depth to layers: tell them apart, complete what is hidden, colour them."""

from .decompose import decompose

__all__ = ["decompose"]
