"""Text that is safe inside XML, for the formats written by hand (SVG, OpenRaster)."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

__all__ = ["attribute", "text"]


def _legal(value: str) -> str:
    """Without the characters that XML 1.0 forbids (section 2.2)."""
    return "".join(
        c
        for c in value
        if c in "\t\n\r" or " " <= c < "\ud800" or "\ue000" <= c < "\ufffe" or c >= "\U00010000"
    )


def attribute(value: str) -> str:
    """A quoted attribute value, characters that XML forbids dropped."""
    return quoteattr(_legal(value))


def text(value: str) -> str:
    """Escaped character data, characters that XML forbids dropped."""
    return escape(_legal(value))
