"""Strokes split from fills: a shape that has both becomes two, drawn one after the other."""

from __future__ import annotations

import copy
import math
import re
import xml.etree.ElementTree as ElementTree

from ...xml_names import local_name
from ..curves.basic_shapes import DRAWN
from ..curves.cascade import Cascade
from ..curves.lengths import length_px
from ..curves.refusal import NoOutlineError

__all__ = ["split_strokes"]

_LABEL = "{http://www.inkscape.org/namespaces/inkscape}label"
_GROUP_EFFECTS = ("opacity", "mask", "filter", "mix-blend-mode")
_NO_EFFECT = re.compile(r"none|normal|\+?0*1(?:\.0*)?|\+?0*100(?:\.0*)?%")
_PAINT_ORDER = re.compile(r"paint-order\s*:\s*([^;]+)")


def split_strokes(root: ElementTree.Element) -> bool:
    """Split fill and stroke of every shape that is not an effect's whole, in place.

    What `<use>` refers to and what is in `<defs>`, clip paths or masks stays as it is.

    Returns:
        Whether it could be told which shapes have both: not with every style sheet.
    """
    try:
        cascade = Cascade(root)
        _split_children(root, cascade, cascade.style(root, {}), _referenced_ids(root))
    except NoOutlineError:
        return False
    return True


def _referenced_ids(root: ElementTree.Element) -> set[str]:
    """Names of what other elements refer to."""
    links = (v for e in root.iter() for n, v in e.attrib.items() if n.rpartition("}")[2] == "href")
    return {link.strip()[1:] for link in links if link.strip().startswith("#")}


def _split_children(
    parent: ElementTree.Element, cascade: Cascade, style: dict[str, str], used: set[str]
) -> None:
    children: list[ElementTree.Element] = []
    for child in parent:
        local = local_name(child)
        own = cascade.style(child, style) if local in DRAWN or local in ("g", "a", "svg") else {}
        if local in DRAWN and child.get("id", "") not in used and _has_both(local, own):
            children += _fill_and_stroke(child)
            continue
        if local in ("g", "a", "svg") and child.get("id", "") not in used:
            _split_children(child, cascade, own, used)
        children.append(child)
    parent[:] = children


def _has_both(local: str, style: dict[str, str]) -> bool:
    if local == "line" or not all(
        _NO_EFFECT.fullmatch(style.get(n, "none")) for n in _GROUP_EFFECTS
    ):
        return False
    width = length_px(style.get("stroke-width"), 1.0)
    painted = style.get("fill", "black") != "none" and style.get("stroke", "none") != "none"
    return painted and (math.isnan(width) or width > 0.0)


def _fill_and_stroke(shape: ElementTree.Element) -> list[ElementTree.Element]:
    fill, stroke = shape, copy.deepcopy(shape)
    name = shape.get(_LABEL) or shape.get("id")
    stroke.attrib.pop("id", None)
    if name:
        stroke.set(_LABEL, f"{name} stroke")
    order = _PAINT_ORDER.search(shape.get("style", ""))
    first = (order.group(1) if order else shape.get("paint-order", "")).split()
    _disable_paint(fill, "stroke")
    for marker in ("marker", "marker-start", "marker-mid", "marker-end"):
        _disable_paint(fill, marker)
    _disable_paint(stroke, "fill")
    return [stroke, fill] if first and first[0] == "stroke" else [fill, stroke]


def _disable_paint(shape: ElementTree.Element, paint: str) -> None:
    """An own style counts more than any rule and attribute."""
    style = shape.get("style", "").strip().rstrip(";")
    shape.set("style", f"{style};{paint}:none" if style else f"{paint}:none")
