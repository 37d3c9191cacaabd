"""The page of a drawing: its viewBox, its size in pixels, and its width on paper."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree

from ...errors import InputError

__all__ = ["page_size", "view_box"]

_LENGTH = re.compile(r"^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(px|mm|cm|in|pt|pc|)\s*$")
_INCHES = {"mm": 1 / 25.4, "cm": 1 / 2.54, "in": 1.0, "pt": 1 / 72, "pc": 1 / 6}
_CSS_DPI = 96.0


def view_box(root: ElementTree.Element) -> tuple[float, float, float, float]:
    """Left, top, width and height of a drawing's viewBox.

    Raises ValueError where it is missing, or not four numbers.
    """
    left, top, width, height = (
        float(number) for number in re.split(r"[\s,]+", root.get("viewBox", "").strip())
    )
    return left, top, width, height


def page_size(root: ElementTree.Element, name: str) -> tuple[float, float, float | None]:
    """Width and height in user units or pixels, and the width in inches where the file says.

    A drawing without a viewBox gets that of its size.

    Raises InputError, which names the file, for a page without a size.
    """
    width, height = (_length(root.get(side)) for side in ("width", "height"))
    inches = None if width is None or width[1] is None else width[0] * width[1]
    if not root.get("viewBox"):
        if not (width and height):
            raise InputError(f"{name} does not say how large its page is; save it with a size.")
        root.set("viewBox", f"0 0 {_pixels(width)} {_pixels(height)}")
    box = view_box(root)
    ratio = box[3] / box[2]
    across = _pixels(width) if width else (_pixels(height) / ratio if height else box[2])
    down = _pixels(height) if height else across * ratio
    if not all(math.isfinite(n) and n > 0 for n in (across, down)):
        raise InputError(f"{name}: its page has no size; save it with one.")
    return across, down, inches


def _pixels(length: tuple[float, float | None]) -> float:
    """A length in CSS pixels."""
    return length[0] if length[1] is None else length[0] * length[1] * _CSS_DPI


def _length(text: str | None) -> tuple[float, float | None] | None:
    """A length's number and the inches of its unit, None for pixels; None for no length."""
    match = _LENGTH.match(text or "")
    return (float(match.group(1)), _INCHES.get(match.group(2))) if match else None
