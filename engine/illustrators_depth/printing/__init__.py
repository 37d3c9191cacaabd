"""Getting a relief onto a printer: presets, the check before printing, the colour-swap list."""

from ..print_presets import PRESETS, preset
from .check import check_print
from .color_swaps import color_swaps
from .report import PrintReport

__all__ = ["PRESETS", "PrintReport", "check_print", "color_swaps", "preset"]
