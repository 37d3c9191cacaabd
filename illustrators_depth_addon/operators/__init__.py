"""Operators: each parses its properties, calls plain functions, and reports.

A folder for each kind; to add an operator, put its class into the CLASSES of its module.
"""

from __future__ import annotations

from . import place_between, presets
from .animate import builds as animate_builds
from .animate import parallax, video
from .builds import compositor, materials, outlines, planes, solids
from .export import layers as export_layers
from .export import printing as export_print
from .importing import image as import_image
from .importing import layered as import_layered
from .jobs import modal, predict, test_engine
from .layers import assign, by_depth, drag, edits, group, inside, pick

__all__ = ["CLASSES"]

CLASSES = (
    *import_image.CLASSES,
    *import_layered.CLASSES,
    *predict.CLASSES,
    *solids.CLASSES,
    *outlines.CLASSES,
    *planes.CLASSES,
    *compositor.CLASSES,
    *parallax.CLASSES,
    *animate_builds.CLASSES,
    *video.CLASSES,
    *place_between.CLASSES,
    *edits.CLASSES,
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
    *modal.CLASSES,
    *test_engine.CLASSES,
)
