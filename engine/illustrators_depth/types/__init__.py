"""The nouns of the house: Image, DepthMap, Outline, Layer, LayerStack, MeshPart, Mesh.

Each is a small frozen dataclass over numpy arrays. Verbs elsewhere turn one noun into the
next; no noun touches the disk. Pixel arrays are row-major with row 0 at the *top* of the
picture; meshes are in millimetres with x to the right, y up the picture and z to the viewer.
"""

from .image import DepthMap, Image
from .layer import BLEND_MODES, Layer, LayerStack, Outline, top_labels
from .mesh import Mesh, MeshPart

__all__ = [
    "BLEND_MODES",
    "DepthMap",
    "Image",
    "Layer",
    "LayerStack",
    "Mesh",
    "MeshPart",
    "Outline",
    "top_labels",
]
