"""An SVG drawing as pixels, by resvg.

A large page is drawn in the windows where anything is painted: handing over empty pixels takes
longer than drawing shapes.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import cv2
import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from .page import view_box
from .tree.switches import LANGUAGE
from .windows import painted_windows

__all__ = ["draw_svg"]

# Longest side of a page from which looking for windows costs less than it saves.
_SMALLEST_SPLIT_PX = 384
_CSS_DPI = 96.0


def draw_svg(root: ElementTree.Element, frame: tuple[int, int], name: str) -> NDArray[np.uint8]:
    """The drawing as resvg draws it.

    Args:
        root: of a sanitised drawing with a viewBox; its width, height and viewBox are changed.
        frame: (H, W) in pixels.
        name: of the file, for sentences.

    Returns:
        uint8 (H, W, 4) BGRA, straight alpha.

    Raises InputError when it cannot be drawn.
    """
    windows = None
    if max(frame) >= _SMALLEST_SPLIT_PX:
        windows = painted_windows(root, frame, lambda part, size: _draw(part, size, name))
    if windows is None:
        return _draw(root, frame, name)
    page = np.zeros((*frame, 4), np.uint8)
    left, top, view_width, view_height = view_box(root)
    scale = min(frame[1] / view_width, frame[0] / view_height)  # pixels per unit of the drawing
    # The page is centred, as SVG does where proportions differ by a rounding.
    shift_x = (frame[1] - view_width * scale) / 2
    shift_y = (frame[0] - view_height * scale) / 2
    for first_row, first_column, last_row, last_column in windows:
        size = last_row - first_row, last_column - first_column
        box = (
            left + (first_column - shift_x) / scale,
            top + (first_row - shift_y) / scale,
            size[1] / scale,
            size[0] / scale,
        )
        root.set("viewBox", " ".join(f"{value:.9g}" for value in box))
        page[first_row:last_row, first_column:last_column] = _draw(root, size, name)
    return page


def _draw(root: ElementTree.Element, frame: tuple[int, int], name: str) -> NDArray[np.uint8]:
    """What the viewBox of `root` shows, in `frame`; sets the root's width and height."""
    root.set("width", str(frame[1]))
    root.set("height", str(frame[0]))
    return _render(ElementTree.tostring(root, encoding="unicode"), frame, name)


def _render(text: str, frame: tuple[int, int], name: str) -> NDArray[np.uint8]:
    import resvg_py

    try:
        png = resvg_py.svg_to_bytes(
            svg_string=text,
            width=frame[1],
            height=frame[0],
            dpi=_CSS_DPI,  # without it, lengths in mm, inches or points count as 0
            languages=[LANGUAGE],  # without it, resvg skips what is for one language (`switch`)
            # Looking for fonts takes longer than drawing, and only text needs them.
            skip_system_fonts="<text" not in text,
        )
    except ValueError as error:
        why = str(error).splitlines()[0][:120]
        raise InputError(f"{name} cannot be drawn ({why}); check it in a browser.") from error
    pixels = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.ndim != 3 or pixels.shape[2] != 4:
        raise InputError(f"{name} cannot be drawn; check it in a browser.")
    if pixels.shape[:2] != frame:  # a page of other proportions keeps its place at the top left
        pixels = cv2.copyMakeBorder(
            pixels[: frame[0], : frame[1]],
            0,
            max(0, frame[0] - pixels.shape[0]),
            0,
            max(0, frame[1] - pixels.shape[1]),
            cv2.BORDER_CONSTANT,
        )
    return np.asarray(pixels, np.uint8)
