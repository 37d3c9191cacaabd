"""`<switch>` elements become groups of the one child that is drawn.

Adobe Illustrator wraps whole drawings into one, beside data of its own.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from ...xml_names import local_name

__all__ = ["LANGUAGE", "resolve_switches"]

LANGUAGE = "en"  # as resvg's own program has it
_DRAWN = frozenset(
    {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "use", "image",
     "g", "a", "svg", "switch"}
)  # fmt: skip


def resolve_switches(root: ElementTree.Element) -> None:
    """Make every `<switch>` a group that holds what a renderer would choose of it, in place."""
    for element in root.iter():
        space, brace, local = str(element.tag).rpartition("}")
        if local == "switch":
            element.tag = f"{space}{brace}g"
            chosen = next((child for child in element if _is_chosen(child)), None)
            element[:] = [] if chosen is None else [chosen]


def _is_chosen(child: ElementTree.Element) -> bool:
    if local_name(child) not in _DRAWN or child.get("requiredExtensions"):
        return False
    languages = child.get("systemLanguage")
    if languages is None:
        return True
    tags = (word.strip().lower() for word in languages.split(","))
    return any(word == LANGUAGE or word.startswith(f"{LANGUAGE}-") for word in tags)
