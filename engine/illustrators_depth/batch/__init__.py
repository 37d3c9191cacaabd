"""Batches: many pictures to many files, resumable, on this machine or on a cluster.

    recipe = make_recipe(("svg", "stl"), Preset())
    run_batch(["pictures"], Path("out"), recipe, LocalWorkers(jobs=2), Options(), watcher)

Plan (`plan`, `pictures`) -> run (`local`, `cluster`, `job`) -> put in place (`staging`) -> write
down (`manifest`). Blender's headless batch runs on the same modules with a job of its own.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .local import LocalWorkers
    from .manifest import Record
    from .plan import Recipe, Shard
    from .preset import Preset, load_preset
    from .products import PRODUCTS, choose_products, make_recipe
    from .run import Options, Outcome, run_batch
    from .summary import duration, failure, picture_line, summary_lines

__all__ = [
    "PRODUCTS",
    "LocalWorkers",
    "Options",
    "Outcome",
    "Preset",
    "Recipe",
    "Record",
    "Shard",
    "choose_products",
    "duration",
    "failure",
    "load_preset",
    "make_recipe",
    "picture_line",
    "run_batch",
    "summary_lines",
]

# Name -> the module that defines it, loaded on first use: a list of products needs no pixels.
_HOMES = {
    "LocalWorkers": ".local",
    "Options": ".run",
    "Outcome": ".run",
    "PRODUCTS": ".products",
    "Shard": ".plan",
    "Preset": ".preset",
    "Recipe": ".plan",
    "Record": ".manifest",
    "choose_products": ".products",
    "duration": ".summary",
    "failure": ".summary",
    "load_preset": ".preset",
    "make_recipe": ".products",
    "picture_line": ".summary",
    "run_batch": ".run",
    "summary_lines": ".summary",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(home, __name__), name)
    globals()[name] = value
    return value
