"""Fonts that a drawing asks for and this computer does not have."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import cv2
import numpy as np

from ..xml_names import local_name

__all__ = ["missing_fonts"]

# Families that CSS promises on every computer, and its word for "as around it".
_GENERIC = frozenset({"serif", "sans-serif", "monospace", "cursive", "fantasy", "inherit"})
_FAMILY = re.compile(r"font-family\s*:\s*([^;}]+)")
_MAX_FAMILIES = 8
"""At most so many are looked up: resvg reads the computer's list of fonts anew for each."""
_MISSING_FAMILY = "no such font is anywhere"  # set as resvg's fallback, it leaves a text undrawn


def missing_fonts(root: ElementTree.Element) -> list[str]:
    """Font families that a drawing's texts ask for and that are not installed.

    Of a list of families only the first counts: it is what the text was made with. Families are
    read from `font-family` attributes, `style` attributes and style sheets. Raises ImportError
    without resvg.
    """
    if not any(local_name(e) == "text" for e in root.iter()):
        return []
    families: dict[str, None] = {}
    for element in root.iter():
        lists = [element.get("font-family", ""), *_FAMILY.findall(element.get("style", ""))]
        lists += _FAMILY.findall(element.text or "") if element.tag.endswith("}style") else []
        for names in lists:
            first = names.split(",")[0].strip().strip("\"'").strip()
            if first and first.lower() not in _GENERIC:
                families[first] = None
    return [family for family in list(families)[:_MAX_FAMILIES] if not _is_installed(family)]


def _is_installed(family: str) -> bool:
    """Whether resvg draws a text of this family when it has no other font to fall back on."""
    import resvg_py

    root = ElementTree.Element("svg", xmlns="http://www.w3.org/2000/svg", width="40", height="30")
    text = ElementTree.SubElement(root, "text", {"y": "24", "font-family": family})
    text.text = "Ag1"
    try:
        png = resvg_py.svg_to_bytes(
            svg_string=ElementTree.tostring(root, encoding="unicode"), serif_family=_MISSING_FAMILY
        )
    except ValueError:
        return False
    pixels = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    return pixels is not None and bool(pixels[..., 3].any())
