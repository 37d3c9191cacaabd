"""What a colour-swap print will look like: a picture in its filaments, shining through."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..geometry.terrace_levels import relief_steps, step_heights
from ..io.atomic import atomic_path
from ..product_settings import PrinterSettings
from ..settings import ReliefSettings
from ..types import LayerStack
from .filaments import assign_filaments, printed_colors

__all__ = ["print_preview", "write_print_preview"]


def print_preview(
    stack: LayerStack, settings: ReliefSettings, printer: PrinterSettings | None = None
) -> NDArray[np.uint8]:
    """The picture as the print shows it, uint8 (H, W, 4), sRGB, straight alpha.

    Every step has the colour of its filament over those below it (see `Filament.over`).

    Raises InputError for another mode than "terraced".
    """
    if settings.mode != "terraced":
        raise InputError(f"A preview in filaments needs mode terraced, not {settings.mode}.")
    printer = PrinterSettings.or_default(printer, "printer")
    terraces = relief_steps(stack, settings)
    thicknesses = step_heights(stack, terraces.steps, settings).thicknesses
    colors = [step.color for step in terraces.steps]
    filaments, choice = assign_filaments(colors, printer.filaments, thicknesses)
    table = np.zeros((len(terraces.steps) + 1, 4), np.uint8)  # the last is where nothing is
    printed = np.array(printed_colors(filaments, choice, thicknesses))
    table[:-1, :3] = np.rint(np.clip(printed, 0.0, 1.0) * 255.0)
    table[:-1, 3] = 255
    return np.asarray(table[terraces.levels], np.uint8)


def write_print_preview(
    stack: LayerStack,
    settings: ReliefSettings,
    printer: PrinterSettings | None,
    path: str | Path,
    overwrite: bool = False,
) -> Path:
    """Write `print_preview` as a PNG, atomically; return its path."""
    picture = print_preview(stack, settings, printer)
    encoded = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGBA2BGRA))[1]
    with atomic_path(path, overwrite) as temporary:
        temporary.write_bytes(encoded.tobytes())
    return Path(path)
