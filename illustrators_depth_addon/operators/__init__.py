"""Operators: each parses its properties, calls plain functions, and reports."""

from __future__ import annotations

from . import (
    build,
    build_scene,
    compositor_show,
    edits_by_depth,
    export_layers,
    export_print,
    follow,
    import_image,
    layers,
    materials,
    parallax,
    place_between,
    predict,
    presets,
    test_engine,
)

__all__ = ["CLASSES"]

CLASSES = (
    *import_image.CLASSES,
    *predict.CLASSES,
    *build.CLASSES,
    *build_scene.CLASSES,
    *compositor_show.CLASSES,
    *parallax.CLASSES,
    *place_between.CLASSES,
    *layers.CLASSES,
    *edits_by_depth.CLASSES,
    *materials.CLASSES,
    *presets.CLASSES,
    *export_layers.CLASSES,
    *export_print.CLASSES,
    *follow.CLASSES,
    *test_engine.CLASSES,
)
