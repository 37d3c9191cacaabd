"""Settings of the verbs that turn a stack into products: drawings, sheets, prints, moves, text."""

from .drawing import TextSettings, VectorizeSettings
from .fabrication import PapercutSettings, PrinterSettings, check_plate
from .parallax import MAX_FRAMES, MOTIONS, ParallaxSettings

__all__ = [
    "MAX_FRAMES",
    "MOTIONS",
    "PapercutSettings",
    "ParallaxSettings",
    "PrinterSettings",
    "TextSettings",
    "VectorizeSettings",
    "check_plate",
]
