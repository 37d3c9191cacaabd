"""Which part of a drawing's page is put into the square: the page itself, or what is drawn on it.

Clip art often has a page much larger than the drawing. `content` crops to what is not white, plus a
margin, unless the drawing fills its page.
"""

from __future__ import annotations

import numpy as np

from ..render.renderer import Renderer
from ..svg.operations import Tree, Window

__all__ = ["FRAMES", "find_window"]

FRAMES = ("viewbox", "content")
_PROBE = 128
_MARGIN_SHARE = 0.05
_FULL_BLEED = 0.94  # of the page in both directions: a scene, keep it whole
_WHITE = 250


def find_window(renderer: Renderer, tree: Tree, frame: str) -> Window:
    """Return the window of user space to draw, for frame "viewbox" or "content"."""
    page = tree.window
    if frame == "viewbox":
        return page
    for _ in range(2):  # the second look corrects the coarse first one on a large page
        scale = _PROBE / max(page.width, page.height)
        width = max(round(page.width * scale), 8)
        height = max(round(page.height * scale), 8)
        pixels = renderer.picture(tree.picture(page, width, height), width, height)
        drawn = pixels.min(axis=-1) < _WHITE
        if not drawn.any():
            return page
        rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
        high, wide = rows[-1] + 1 - rows[0], columns[-1] + 1 - columns[0]
        if high >= _FULL_BLEED * height and wide >= _FULL_BLEED * width:
            return page
        fit = page.scale(width, height)
        left = page.x + (columns[0] - width / 2) / fit + page.width / 2
        top = page.y + (rows[0] - height / 2) / fit + page.height / 2
        margin = _MARGIN_SHARE * max(high, wide) / fit
        page = _clip(
            Window(left - margin, top - margin, wide / fit + 2 * margin, high / fit + 2 * margin),
            tree.window,
        )
    return page


def _clip(window: Window, page: Window) -> Window:
    left, top = max(window.x, page.x), max(window.y, page.y)
    right = min(window.x + window.width, page.x + page.width)
    bottom = min(window.y + window.height, page.y + page.height)
    return Window(left, top, right - left, bottom - top)
