"""Blender's properties as the engine's settings dataclasses, and back."""
