"""Sprites: one SVG file whose <symbol> elements are drawings of their own."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from functools import lru_cache
from pathlib import Path

__all__ = ["list_symbols", "read_symbol"]

_SVG = "{http://www.w3.org/2000/svg}"
_UNPAINTED = {f"{_SVG}{tag}" for tag in ("symbol", "defs", "style", "title", "desc", "metadata")}
_SHARED = {f"{_SVG}{tag}" for tag in ("defs", "style")}
_MIN_SYMBOLS = 2
_SYMBOL = re.compile(rb"<symbol[\s>]")


def list_symbols(path: Path) -> list[str]:
    """Return the ids of a sprite's symbols; an empty list for an ordinary drawing."""
    if path.suffix.lower() != ".svg":
        return []
    if len(_SYMBOL.findall(path.read_bytes())) < _MIN_SYMBOLS:
        return []
    root = _read(path)
    if root is None or any(child.tag not in _UNPAINTED for child in root):
        return []
    return sorted(i for e in root if e.tag == f"{_SVG}symbol" and (i := e.get("id")))


def read_symbol(path: Path, identifier: str) -> bytes:
    """Return one symbol as a drawing, with the sprite's shared definitions."""
    root = _read(path)
    assert root is not None
    drawing = ElementTree.Element(f"{_SVG}svg")
    for child in root:
        if child.tag in _SHARED:
            drawing.append(child)
        elif child.get("id") == identifier:
            if child.get("viewBox"):
                drawing.set("viewBox", child.get("viewBox", ""))
            group = ElementTree.SubElement(drawing, f"{_SVG}g")
            skipped = ("id", "viewBox", "preserveAspectRatio")
            group.attrib.update({k: v for k, v in child.attrib.items() if k not in skipped})
            group.extend(child)
    return ElementTree.tostring(drawing)


@lru_cache(maxsize=8)
def _read(path: Path) -> ElementTree.Element | None:
    try:
        return ElementTree.fromstring(path.read_bytes())
    except ElementTree.ParseError:
        return None
