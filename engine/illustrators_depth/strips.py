"""Large pictures in strips: what is worked on stays in the processor's cache."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["strips"]

# Pixels of a strip.
_STRIP = 1 << 18


def strips(height: int, width: int, pixels: int = _STRIP) -> Iterator[slice]:
    """Rows of a picture, top to bottom, in runs of about so many pixels; at least a row each."""
    rows = max(1, pixels // max(1, width))
    for top in range(0, height, rows):
        yield slice(top, min(height, top + rows))
