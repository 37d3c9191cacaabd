"""Layers as smooth paths: a stack becomes a layered SVG."""

from .document import SvgDocument, SvgGroup, SvgPath
from .vectorize import trace_stack, vectorize

__all__ = ["SvgDocument", "SvgGroup", "SvgPath", "trace_stack", "vectorize"]
