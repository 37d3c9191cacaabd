"""How SVG writes numbers, lists of them and styles: text in, values out."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

__all__ = ["NUMBER", "numbers_in", "style_of"]

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def numbers_in(text: str) -> list[float]:
    """All numbers in a text, whatever stands between them."""
    return [float(number) for number in NUMBER.findall(text)]


def style_of(element: ElementTree.Element) -> dict[str, str]:
    """The declarations of an element's own `style` attribute, by property."""
    pairs = (part.partition(":") for part in element.get("style", "").split(";") if ":" in part)
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}
