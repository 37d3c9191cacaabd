"""Operators: each parses its properties, calls plain functions, and reports."""

from __future__ import annotations

from . import build, depth_edits, import_image, layers, predict, test_engine

__all__ = ["CLASSES"]

CLASSES = (
    *import_image.CLASSES,
    *predict.CLASSES,
    *build.CLASSES,
    *layers.CLASSES,
    *depth_edits.CLASSES,
    *test_engine.CLASSES,
)
