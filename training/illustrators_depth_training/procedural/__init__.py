"""Unlimited drawings with known stacking order, made from a seed: material for pretraining."""

from __future__ import annotations

from .charts import make_chart
from .crowd import make_crowd
from .lines import make_lines
from .materials import make_materials
from .scene import make_scene

__all__ = ["make_chart", "make_crowd", "make_lines", "make_materials", "make_scene"]
