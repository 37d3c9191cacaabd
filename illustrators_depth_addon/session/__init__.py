"""What runs in this Blender session, and SESSION, the one object that holds all state."""

from .state import SESSION

__all__ = ["SESSION"]
