"""What has no outline of its own: the reader of curves says so, and pixels give it instead."""

from __future__ import annotations

__all__ = ["NoOutlineError"]


class NoOutlineError(Exception):
    """A layer's outline cannot be taken from its shapes; the text names what is in the way."""
