"""The recipe of a batch of engine products."""

from __future__ import annotations

from collections.abc import Sequence

from .plan import Recipe, pin_model
from .preset import Preset
from .products import PRODUCTS

__all__ = ["JOB", "make_recipe"]

JOB = "products"  # of the worker process, see `process`


def make_recipe(products: Sequence[str], preset: Preset) -> Recipe:
    """What `illustrators-depth batch` makes of every picture.

    Raises InputError when the preset's model is missing.
    """
    names = [name for name in PRODUCTS if name in products]  # one order, whatever was asked first
    settings = pin_model({"products": names, **preset.to_dict()})
    return Recipe(JOB, settings, tuple(PRODUCTS[name].ending for name in names))
