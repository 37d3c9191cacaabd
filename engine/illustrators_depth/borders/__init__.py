"""What lies along the borders between regions, and the one order that fits all borders best.

Which of two touching regions lies above is told by their common border and by its ends: whose
outline goes on beyond them, and whose stops there. `pairs` finds the borders, `crops` cuts out the
pixels along them, `model` runs the border network, `settle` makes one order of its answers, and
`refine` does all of these in turn.
"""

from __future__ import annotations

from .crops import BorderCrops, border_crops
from .pairs import BorderPairs, border_pairs
from .refine import OrderWeights, RefinedValues, border_picture, refine_values
from .settle import settle_values

__all__ = [
    "BorderCrops",
    "BorderPairs",
    "OrderWeights",
    "RefinedValues",
    "border_crops",
    "border_pairs",
    "border_picture",
    "refine_values",
    "settle_values",
]
