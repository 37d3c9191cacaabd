"""Reads usvg's normalised drawing as a list of paint operations, and writes variants of it.

usvg leaves only groups, paths and definitions. Each fill and each stroke is one operation, in paint
order. Variants are what the ground truth is made from: the drawing itself, all opaque operations in
code colours, or one operation alone.
"""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

from ..reasons import Discarded
from .masks import masks_to_clips

__all__ = ["Operation", "Tree", "Window", "path_matrix", "read_tree"]

_ROOT = re.compile(r"<svg\b[^>]*>")
_NAMESPACE = re.compile(r'\sxmlns="[^"]*"')
_REFERENCE = re.compile(r"url\(#([^)]*)\)")
_MATRIX = re.compile(r"matrix\(([^)]*)\)")
_STROKE_ATTRIBUTES = (
    "stroke-width",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-dasharray",
    "stroke-dashoffset",
)
_SOFT_GROUP = ("mask", "filter")
_NEEDS_ESCAPE = re.compile(r"[&<>\"\n\t\r]")
_Matrix = tuple[float, float, float, float, float, float]


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

    order: 0 is painted first. colour: (r, g, b) 0..255, or None for a gradient or a pattern.
    opacity: of the paint times that of all groups around it. soft: whether it must be rendered
    alone because a mask, a filter, a pattern or a fading gradient decides what shows of it.
    line_width: of a stroke, in user units of the window; None for a fill.
    """

    order: int
    element: ElementTree.Element
    chain: tuple[ElementTree.Element, ...] = field(repr=False)
    part: str
    colour: tuple[int, int, int] | None
    opacity: float
    soft: bool
    line_width: float | None

    @property
    def flat(self) -> bool:
        """Whether it shows exactly its colour wherever it is on top."""
        return self.colour is not None and self.opacity >= 1.0 and not self.soft


@dataclass(frozen=True)
class Tree:
    """A normalised drawing: its page, its operations in paint order, and its parts for writing."""

    window: Window
    operations: tuple[Operation, ...]
    root: ElementTree.Element
    blends: bool

    def picture(self, window: Window, width: int, height: int) -> str:
        """Write the whole drawing for width x height pixels."""
        inner = "".join(_serialise(child) for child in self.root)
        return _document(window, width, height, inner)

    def codes(self, window: Window, width: int, height: int, colours: Mapping[int, str]) -> str:
        """Write the operations whose order is in `colours`, opaque, in those colours.

        Clip paths stay; opacity, masks, filters and blending are left out.
        """
        chosen = {key: colours[op.order] for key, op in self._keyed() if op.order in colours}
        clips = "".join(
            _serialise(e) for d in self.root.findall("defs") for e in d if e.tag == "clipPath"
        )
        parts = [f"<defs>{clips}</defs>"]
        _write_codes(self.root, chosen, parts)
        return _document(window, width, height, "".join(parts))

    def outlines(self, window: Window, width: int, height: int, colours: Mapping[int, str]) -> str:
        """Write the operations whose order is in `colours` as `codes` does, and nothing else.

        Built from the operations instead of the whole tree, for few operations of a large drawing.
        """
        clips = {e.get("id", ""): e for e in self.root.iter("clipPath")}
        needed: dict[str, str] = {}
        parts: list[str] = []
        for order in sorted(colours):
            operation = self.operations[order]
            key = (id(operation.element), operation.part)
            path: list[str] = []
            _write_path(operation.element, {key: colours[order]}, path)
            text = path[0]
            for group in reversed(operation.chain):
                inherited = _picked(group, ("transform", "clip-path"))
                if inherited:
                    text = f"<g{_attributes(inherited)}>{text}</g>"
                    _need_clip(inherited.get("clip-path"), clips, needed)
            parts.append(text)
        head = f"<defs>{''.join(needed.values())}</defs>" if needed else ""
        return _document(window, width, height, head + "".join(parts))

    def alone(self, window: Window, width: int, height: int, operation: Operation) -> str:
        """Write one operation with everything that acts on it: masks, filters, opacity."""
        inner = "".join(_serialise(d) for d in self.root.findall("defs"))
        other = "stroke" if operation.part == "fill" else "fill"
        attributes = {**operation.element.attrib, other: "none"}
        text = f"<path{_attributes(attributes)}/>"
        for group in reversed(operation.chain):
            text = f"<g{_attributes(group.attrib)}>{text}</g>"
        return _document(window, width, height, inner + text)

    def _keyed(self) -> list[tuple[tuple[int, str], Operation]]:
        return [((id(op.element), op.part), op) for op in self.operations]


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
    identity: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    _collect(root, (), 1.0, False, identity, fading, operations)
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
    matrix: _Matrix,
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
                _multiply(matrix, child.get("transform")),
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
    matrix: _Matrix,
    fading: Mapping[str, tuple[bool, float]],
    operations: list[Operation],
) -> Operation:
    colour = None
    reference = _REFERENCE.match(paint)
    if reference:
        fades, least = fading.get(reference.group(1), (False, 1.0))
        # A gradient that nowhere fades below one half owns all its pixels: no need to render it.
        soft = soft or (fades and least * strength < 0.5)
    else:
        colour = (int(paint[1:3], 16), int(paint[3:5], 16), int(paint[5:7], 16))
    width = None
    if part == "stroke":
        a, b, c, d, _, _ = _multiply(matrix, element.get("transform"))
        width = float(element.get("stroke-width", "1")) * math.sqrt(abs(a * d - b * c))
    return Operation(len(operations), element, chain, part, colour, strength, soft, width)


def path_matrix(operation: Operation) -> _Matrix:
    """Return the map from an operation's outline to the window's user units: (a, b, c, d, e, f)."""
    matrix: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    for element in (*operation.chain, operation.element):
        matrix = _multiply(matrix, element.get("transform"))
    return matrix


def _multiply(matrix: _Matrix, transform: str | None) -> _Matrix:
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


def _write_codes(
    parent: ElementTree.Element, colours: Mapping[tuple[int, str], str], out: list[str]
) -> None:
    for child in parent:
        if child.tag == "g":
            inherited = _picked(child, ("transform", "clip-path"))
            mark = len(out)
            out.append(f"<g{_attributes(inherited)}>")
            _write_codes(child, colours, out)
            if len(out) == mark + 1:
                out.pop()
            else:
                out.append("</g>")
        elif child.tag == "path":
            _write_path(child, colours, out)


def _write_path(
    element: ElementTree.Element, colours: Mapping[tuple[int, str], str], out: list[str]
) -> None:
    """Write a path's fill and stroke in their code colours, if it has any."""
    fill = colours.get((id(element), "fill"))
    stroke = colours.get((id(element), "stroke"))
    if fill is None and stroke is None:
        return
    kept = _picked(element, ("transform", "fill-rule", "paint-order", "d"))
    if stroke is not None:
        kept |= _picked(element, _STROKE_ATTRIBUTES)
    kept["fill"] = fill or "none"
    kept["stroke"] = stroke or "none"
    out.append(f"<path{_attributes(kept)}/>")


def _need_clip(
    reference: str | None, clips: Mapping[str, ElementTree.Element], needed: dict[str, str]
) -> None:
    """Add a clip path, and those that clip it in turn, to the definitions that are needed."""
    match = _REFERENCE.match(reference or "")
    clip = clips.get(match.group(1)) if match else None
    if clip is None or clip.get("id", "") in needed:
        return
    needed[clip.get("id", "")] = _serialise(clip)
    for element in clip.iter():
        _need_clip(element.get("clip-path"), clips, needed)


def _picked(element: ElementTree.Element, names: Collection[str]) -> dict[str, str]:
    return {name: element.attrib[name] for name in names if name in element.attrib}


def _attributes(attributes: Mapping[str, str]) -> str:
    return "".join(f" {_qualified(n)}={_quoted(v)}" for n, v in attributes.items())


def _quoted(value: str) -> str:
    """Return an attribute's value in quotes; outlines are long, and need no escaping."""
    if _NEEDS_ESCAPE.search(value):
        return quoteattr(value)
    return f'"{value}"'


def _qualified(name: str) -> str:
    return "xlink:href" if name.endswith("}href") else name


def _serialise(element: ElementTree.Element) -> str:
    inner = "".join(_serialise(child) for child in element)
    return f"<{element.tag}{_attributes(element.attrib)}>{inner}</{element.tag}>"


def _document(window: Window, width: int, height: int, inner: str) -> str:
    box = f"{window.x:.9g} {window.y:.9g} {window.width:.9g} {window.height:.9g}"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}" height="{height}" viewBox="{box}">{inner}</svg>'
    )
