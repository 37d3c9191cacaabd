"""Operators: each parses its properties, calls plain functions, and reports."""

from __future__ import annotations

from . import (
    animate,
    build,
    build_scene,
    compositor_show,
    follow,
    import_image,
    import_layered,
    materials,
    parallax,
    place_between,
    predict,
    presets,
    test_engine,
)
from .export import layers as export_layers
from .export import printing as export_print
from .layers import assign, by_depth, drag, group, inside, pick
from .layers import edits as layer_edits

__all__ = ["CLASSES"]

CLASSES = (
    *import_image.CLASSES,
    *import_layered.CLASSES,
    *predict.CLASSES,
    *build.CLASSES,
    *build_scene.CLASSES,
    *compositor_show.CLASSES,
    *parallax.CLASSES,
    *animate.CLASSES,
    *place_between.CLASSES,
    *layer_edits.CLASSES,
    *by_depth.CLASSES,
    *inside.CLASSES,
    *pick.CLASSES,
    *drag.CLASSES,
    *group.CLASSES,
    *assign.CLASSES,
    *materials.CLASSES,
    *presets.CLASSES,
    *export_layers.CLASSES,
    *export_print.CLASSES,
    *follow.CLASSES,
    *test_engine.CLASSES,
)
