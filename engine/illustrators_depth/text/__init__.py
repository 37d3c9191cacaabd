"""Words to a layered drawing: a text-to-image model that the user brings, then the engine."""

from .generate import generate_picture
from .text2vector import text2vector

__all__ = ["generate_picture", "text2vector"]
