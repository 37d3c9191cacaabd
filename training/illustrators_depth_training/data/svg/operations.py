"""Paint operations of a normalised drawing, and the variants of it that they are written as.

Variants are what the ground truth is made from: the drawing itself, all opaque operations in code
colours, or one operation alone. `read_tree` makes the operations from usvg's text.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass, field

from .write_svg import (
    pick_attributes,
    write_attributes,
    write_codes,
    write_document,
    write_element,
    write_path,
)

__all__ = [
    "IDENTITY",
    "PAINT_REFERENCE",
    "Matrix",
    "Operation",
    "Tree",
    "Window",
    "compose_transform",
    "path_matrix",
]

Matrix = tuple[float, float, float, float, float, float]
"""An affine map as SVG's matrix(a, b, c, d, e, f)."""
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
PAINT_REFERENCE = re.compile(r"url\(#([^)]*)\)")
_MATRIX = re.compile(r"matrix\(([^)]*)\)")


@dataclass(frozen=True)
class Window:
    """The rectangle of user space that is drawn: left, top, width, height in user units."""

    x: float
    y: float
    width: float
    height: float

    def scale(self, width: int, height: int) -> float:
        """Return pixels per user unit when the window is fitted into width x height pixels."""
        return min(width / self.width, height / self.height)


@dataclass(frozen=True)
class Operation:
    """One fill or one stroke, in paint order.

    order: 0 is painted first. color: (r, g, b) 0..255, or None for a gradient or a pattern.
    opacity: of the paint times that of all groups around it. soft: whether it must be rendered
    alone because a mask, a filter, a pattern or a fading gradient decides what shows of it.
    line_width: of a stroke, in user units of the window; None for a fill.
    """

    order: int
    element: ElementTree.Element
    chain: tuple[ElementTree.Element, ...] = field(repr=False)
    part: str
    color: tuple[int, int, int] | None
    opacity: float
    soft: bool
    line_width: float | None

    @property
    def flat(self) -> bool:
        """Whether it shows exactly its colour wherever it is on top."""
        return self.color is not None and self.opacity >= 1.0 and not self.soft


@dataclass(frozen=True)
class Tree:
    """A normalised drawing: its page, its operations in paint order, and its parts for writing."""

    window: Window
    operations: tuple[Operation, ...]
    root: ElementTree.Element
    blends: bool

    def picture(self, window: Window, width: int, height: int) -> str:
        """Write the whole drawing for width x height pixels."""
        inner = "".join(write_element(child) for child in self.root)
        return write_document(window, width, height, inner)

    def codes(self, window: Window, width: int, height: int, colors: Mapping[int, str]) -> str:
        """Write the operations whose order is in `colors`, opaque, in those colours.

        Clip paths stay; opacity, masks, filters and blending are left out.
        """
        chosen = {key: colors[op.order] for key, op in self._keyed() if op.order in colors}
        clips = "".join(
            write_element(e) for d in self.root.findall("defs") for e in d if e.tag == "clipPath"
        )
        parts = [f"<defs>{clips}</defs>"]
        write_codes(self.root, chosen, parts)
        return write_document(window, width, height, "".join(parts))

    def outlines(self, window: Window, width: int, height: int, colors: Mapping[int, str]) -> str:
        """Write the operations whose order is in `colors` as `codes` does, and nothing else.

        Built from the operations instead of the whole tree, for few operations of a large drawing.
        """
        clips = {e.get("id", ""): e for e in self.root.iter("clipPath")}
        needed: dict[str, str] = {}
        parts: list[str] = []
        for order in sorted(colors):
            operation = self.operations[order]
            key = (id(operation.element), operation.part)
            path: list[str] = []
            write_path(operation.element, {key: colors[order]}, path)
            text = path[0]
            for group in reversed(operation.chain):
                inherited = pick_attributes(group, ("transform", "clip-path"))
                if inherited:
                    text = f"<g{write_attributes(inherited)}>{text}</g>"
                    _need_clip(inherited.get("clip-path"), clips, needed)
            parts.append(text)
        head = f"<defs>{''.join(needed.values())}</defs>" if needed else ""
        return write_document(window, width, height, head + "".join(parts))

    def alone(self, window: Window, width: int, height: int, operation: Operation) -> str:
        """Write one operation with everything that acts on it: masks, filters, opacity."""
        inner = "".join(write_element(d) for d in self.root.findall("defs"))
        other = "stroke" if operation.part == "fill" else "fill"
        attributes = {**operation.element.attrib, other: "none"}
        text = f"<path{write_attributes(attributes)}/>"
        for group in reversed(operation.chain):
            text = f"<g{write_attributes(group.attrib)}>{text}</g>"
        return write_document(window, width, height, inner + text)

    def _keyed(self) -> list[tuple[tuple[int, str], Operation]]:
        return [((id(op.element), op.part), op) for op in self.operations]


def path_matrix(operation: Operation) -> Matrix:
    """Return the map from an operation's outline to the window's user units: (a, b, c, d, e, f)."""
    matrix = IDENTITY
    for element in (*operation.chain, operation.element):
        matrix = compose_transform(matrix, element.get("transform"))
    return matrix


def compose_transform(matrix: Matrix, transform: str | None) -> Matrix:
    """The map of a `transform` attribute, usvg's only form of it, followed by another."""
    if not transform:
        return matrix
    match = _MATRIX.match(transform)
    if not match:
        return matrix
    g, h, i, j, k, m = (float(n) for n in match.group(1).replace(",", " ").split())
    a, b, c, d, e, f = matrix
    return (
        a * g + c * h,
        b * g + d * h,
        a * i + c * j,
        b * i + d * j,
        a * k + c * m + e,
        b * k + d * m + f,
    )


def _need_clip(
    reference: str | None, clips: Mapping[str, ElementTree.Element], needed: dict[str, str]
) -> None:
    """Add a clip path, and those that clip it in turn, to the definitions that are needed."""
    match = PAINT_REFERENCE.match(reference or "")
    clip = clips.get(match.group(1)) if match else None
    if clip is None or clip.get("id", "") in needed:
        return
    needed[clip.get("id", "")] = write_element(clip)
    for element in clip.iter():
        _need_clip(element.get("clip-path"), clips, needed)
