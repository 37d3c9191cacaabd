"""Batches: many pictures to many files, resumable, on this machine or on a cluster.

    recipe = make_recipe(("svg", "stl"), Preset())
    run_batch(["pictures"], Path("out"), recipe, LocalWorkers(jobs=2), Options(), watcher)

Plan (`plan`, `pictures`) -> run (`local`, `cluster`, `work`) -> put in place (`staging`) -> write
down (`manifest`). Blender's headless batch runs on the same parts with a job of its own.
"""

from __future__ import annotations

from .local import LocalWorkers
from .manifest import Record
from .plan import Part, Recipe
from .preset import Preset, load_preset
from .products import PRODUCTS, choose_products
from .recipe import make_recipe
from .run import Options, Outcome, run_batch
from .summary import duration, summary_lines

__all__ = [
    "PRODUCTS",
    "LocalWorkers",
    "Options",
    "Outcome",
    "Part",
    "Preset",
    "Recipe",
    "Record",
    "choose_products",
    "duration",
    "load_preset",
    "make_recipe",
    "run_batch",
    "summary_lines",
]
