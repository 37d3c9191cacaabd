"""What runs in this Blender session, and the one object that remembers anything between calls."""

from .state import SESSION

__all__ = ["SESSION"]
