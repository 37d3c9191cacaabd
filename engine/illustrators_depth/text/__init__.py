"""Words to a layered drawing: a text-to-image model that the user brings, then the engine.

`generate` draws the picture (words and `TextSettings` in, an Image out), `text2vector` goes on from
it to layers and SVG as for any picture. Models are never fetched unless that is allowed.
"""

from .generate import generate_picture
from .text2vector import text2vector

__all__ = ["generate_picture", "text2vector"]
