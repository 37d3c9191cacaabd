"""Reads usvg's normalised drawing as a list of paint operations.

usvg leaves only groups, paths and definitions. Each fill and each stroke is one operation, in paint
order.
"""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping

from ..reasons import Discarded
from .masks import masks_to_clips
from .operations import (
    IDENTITY,
    PAINT_REFERENCE,
    Matrix,
    Operation,
    Tree,
    Window,
    compose_transform,
)

__all__ = ["read_tree"]

_ROOT = re.compile(r"<svg\b[^>]*>")
_NAMESPACE = re.compile(r'\sxmlns="[^"]*"')
_SOFT_GROUP = ("mask", "filter")


def read_tree(normalised: str) -> Tree:
    """Parse what `Renderer.normalise` gave; raises `Discarded` on a drawing that paints nothing."""
    head = _ROOT.search(normalised)
    if head is None:
        raise Discarded("render-error", "the normalised drawing has no root")
    text = _NAMESPACE.sub("", head.group(), count=1) + normalised[head.end() :]
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise Discarded("render-error", f"normalised drawing: {error}") from None
    for element in root.iter():
        element.attrib.pop("shape-rendering", None)  # the renderer is told, picture by picture
    _drop_hidden(root)
    masks_to_clips(root)
    fading = _fading_paints(root)
    operations: list[Operation] = []
    _collect(root, (), 1.0, False, IDENTITY, fading, operations)
    box = root.get("viewBox")
    numbers = [float(n) for n in box.split()] if box else []
    if not box:
        numbers = [0.0, 0.0, float(root.get("width", "0")), float(root.get("height", "0"))]
    if not operations:
        raise Discarded("empty", "nothing is painted")
    if not all(math.isfinite(n) for n in numbers) or numbers[2] <= 0 or numbers[3] <= 0:
        raise Discarded("zero-size", str(box))
    blends = any("mix-blend-mode" in group.get("style", "") for group in root.iter("g"))
    return Tree(Window(*numbers), tuple(operations), root, blends)


def _drop_hidden(root: ElementTree.Element) -> None:
    """Remove paths that usvg keeps only for their bounding box, and bitmaps."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.get("visibility") in ("hidden", "collapse") or child.tag == "image":
                parent.remove(child)


def _fading_paints(root: ElementTree.Element) -> dict[str, tuple[bool, float]]:
    """Return, per gradient or pattern id: whether it fades, and its least opacity."""
    paints: dict[str, tuple[bool, float]] = {}
    for element in root.iter():
        if element.tag in ("linearGradient", "radialGradient"):
            least = min((float(s.get("stop-opacity", "1")) for s in element), default=1.0)
            paints[element.get("id", "")] = (least < 1.0, least)
        elif element.tag == "pattern":
            paints[element.get("id", "")] = (True, 0.0)
    return paints


def _collect(
    parent: ElementTree.Element,
    chain: tuple[ElementTree.Element, ...],
    opacity: float,
    soft: bool,
    matrix: Matrix,
    fading: Mapping[str, tuple[bool, float]],
    operations: list[Operation],
) -> None:
    for child in parent:
        if child.tag == "g":
            _collect(
                child,
                (*chain, child),
                opacity * float(child.get("opacity", "1")),
                soft or any(child.get(name) for name in _SOFT_GROUP),
                compose_transform(matrix, child.get("transform")),
                fading,
                operations,
            )
        elif child.tag == "path":
            parts = ["fill", "stroke"]
            if child.get("paint-order", "").strip().startswith("stroke"):
                parts.reverse()
            for part in parts:
                paint = child.get(part, "#000000" if part == "fill" else "none")
                strength = opacity * float(child.get(f"{part}-opacity", "1"))
                if paint == "none" or strength <= 0.0:
                    continue
                operations.append(
                    _operation(
                        child, chain, part, paint, strength, soft, matrix, fading, operations
                    )
                )


def _operation(
    element: ElementTree.Element,
    chain: tuple[ElementTree.Element, ...],
    part: str,
    paint: str,
    strength: float,
    soft: bool,
    matrix: Matrix,
    fading: Mapping[str, tuple[bool, float]],
    operations: list[Operation],
) -> Operation:
    color = None
    reference = PAINT_REFERENCE.match(paint)
    if reference:
        fades, least = fading.get(reference.group(1), (False, 1.0))
        # A gradient that nowhere fades below one half owns all its pixels: no need to render it.
        soft = soft or (fades and least * strength < 0.5)
    else:
        color = (int(paint[1:3], 16), int(paint[3:5], 16), int(paint[5:7], 16))
    width = None
    if part == "stroke":
        a, b, c, d, _, _ = compose_transform(matrix, element.get("transform"))
        width = float(element.get("stroke-width", "1")) * math.sqrt(abs(a * d - b * c))
    return Operation(len(operations), element, chain, part, color, strength, soft, width)
