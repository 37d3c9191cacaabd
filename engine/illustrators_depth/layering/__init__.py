"""From depth to layers: discretise, complete what is hidden, colour."""

from .decompose import decompose

__all__ = ["decompose"]
