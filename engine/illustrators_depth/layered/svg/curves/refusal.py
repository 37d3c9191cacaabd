"""The error for what has no outline of its own; it is outlined by its pixels instead."""

from __future__ import annotations

__all__ = ["NoOutlineError"]


class NoOutlineError(Exception):
    """A layer's outline cannot be taken from its shapes; the text names what is in the way."""
