"""Names of XML elements and attributes without their namespace."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

__all__ = ["local_name"]


def local_name(element: ElementTree.Element) -> str:
    """What an element is called inside its namespace: "rect" of "{...svg}rect"."""
    return str(element.tag).rpartition("}")[2]
