"""How well layers continue under others, against the artists' own full shapes."""

from .completion import METHODS, available_methods, completed_mask, ordered_labels
from .evaluate import HiddenEvaluation, evaluate_hidden
from .measure import HiddenPart, measure_part

__all__ = [
    "METHODS",
    "HiddenEvaluation",
    "HiddenPart",
    "available_methods",
    "completed_mask",
    "evaluate_hidden",
    "measure_part",
    "ordered_labels",
]
