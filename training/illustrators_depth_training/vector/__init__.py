"""Measures drawings (SVG) made from pictures against the drawings that the pictures came from."""

from .evaluate import VECTOR_METRICS, evaluate_vector
from .methods import Method, SvgFolder, standard_methods
from .reading import ReadSvg, SvgReader

__all__ = [
    "VECTOR_METRICS",
    "Method",
    "ReadSvg",
    "SvgFolder",
    "SvgReader",
    "evaluate_vector",
    "standard_methods",
]
