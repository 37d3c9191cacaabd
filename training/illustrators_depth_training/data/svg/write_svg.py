"""Writes elements of usvg's normalised drawing as SVG text: whole, or in code colours.

Code colours are flat, one per fill or stroke, and tell which of them a rendered pixel belongs to.
usvg has turned text into paths already, so groups, paths and definitions are all there is.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    from .operations import Window

__all__ = [
    "pick_attributes",
    "write_attributes",
    "write_codes",
    "write_document",
    "write_element",
    "write_path",
]

_STROKE_ATTRIBUTES = (
    "stroke-width",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-dasharray",
    "stroke-dashoffset",
)
_NEEDS_ESCAPE = re.compile(r"[&<>\"\n\t\r]")


def write_codes(
    parent: ElementTree.Element, colors: Mapping[tuple[int, str], str], out: list[str]
) -> None:
    """Write groups and paths below an element, those that have a code colour; others are left out.

    Groups keep their transform and clip path only; empty ones are dropped.

    Args:
        colors: SVG colour by (id(element), "fill" or "stroke"). The keys are identities of Python
            objects: the tree must live as long as they are used.
        out: where the text is added, piece by piece.
    """
    for child in parent:
        if child.tag == "g":
            inherited = pick_attributes(child, ("transform", "clip-path"))
            mark = len(out)
            out.append(f"<g{write_attributes(inherited)}>")
            write_codes(child, colors, out)
            if len(out) == mark + 1:
                out.pop()
            else:
                out.append("</g>")
        elif child.tag == "path":
            write_path(child, colors, out)


def write_path(
    element: ElementTree.Element, colors: Mapping[tuple[int, str], str], out: list[str]
) -> None:
    """Write a path's fill and stroke in their code colours, if it has any; see `write_codes`."""
    fill = colors.get((id(element), "fill"))
    stroke = colors.get((id(element), "stroke"))
    if fill is None and stroke is None:
        return
    kept = pick_attributes(element, ("transform", "fill-rule", "paint-order", "d"))
    if stroke is not None:
        kept |= pick_attributes(element, _STROKE_ATTRIBUTES)
    kept["fill"] = fill or "none"
    kept["stroke"] = stroke or "none"
    out.append(f"<path{write_attributes(kept)}/>")


def pick_attributes(element: ElementTree.Element, names: Collection[str]) -> dict[str, str]:
    """The attributes of these names that the element has, in the order of `names`."""
    return {name: element.attrib[name] for name in names if name in element.attrib}


def write_attributes(attributes: Mapping[str, str]) -> str:
    """Attributes as text, each with a space before it."""
    return "".join(f" {_qualified(n)}={_quoted(v)}" for n, v in attributes.items())


def _quoted(value: str) -> str:
    """An attribute's value in quotes, escaped where it must be.

    An outline (`d`) can be megabytes and needs no escaping: one search costs less than the passes
    of `quoteattr`.
    """
    if _NEEDS_ESCAPE.search(value):
        return quoteattr(value)
    return f'"{value}"'


def _qualified(name: str) -> str:
    """A name as in SVG: of a namespace's names usvg writes `xlink:href` alone."""
    return "xlink:href" if name.endswith("}href") else name


def write_element(element: ElementTree.Element) -> str:
    """An element with all below it, unchanged but for text between tags, which is left out."""
    inner = "".join(write_element(child) for child in element)
    return f"<{element.tag}{write_attributes(element.attrib)}>{inner}</{element.tag}>"


def write_document(window: Window, width: int, height: int, inner: str) -> str:
    """A whole SVG of width x height pixels that shows a window of user space; `inner` is text."""
    box = f"{window.x:.9g} {window.y:.9g} {window.width:.9g} {window.height:.9g}"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}" height="{height}" viewBox="{box}">{inner}</svg>'
    )
