"""The outlines of a layer of a drawing, from the shapes that it is made of."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from functools import reduce
from typing import TypeAlias

import manifold3d
import numpy as np
from numpy.typing import NDArray

from ...xml_names import local_name
from ..links import href_of
from ..page import view_box
from .basic_shapes import DRAWN, length, subpaths_of
from .cascade import Cascade
from .flatten import flatten
from .path_data import Subpath
from .refusal import NoOutlineError
from .strokes import Pen, stroke_pieces
from .transforms import Affine, joined, page_transform, read_transform, translation

__all__ = ["CurveReader", "PaintedArea"]

TOLERANCE_PX = 0.01
MAX_POINTS = 1 << 20
"""Of all pieces of a drawing; more would take longer than drawing it."""
_MAX_NESTED_CLIPS = 32
_GROUPS = frozenset({"g", "a", "svg"})
_NO_OUTLINE = {
    "text": "text",
    "image": "a picture",
    "switch": "a <switch>",
}
_NO_VALUE = frozenset({"", "none", "normal", "auto"})
_URL = re.compile(r"url\(\s*[\"']?#([^\"')\s]+)[\"']?\s*\)")
_GRADIENTS = frozenset({"linearGradient", "radialGradient"})
_RULES = {"evenodd": manifold3d.FillRule.EvenOdd}

Area: TypeAlias = manifold3d.CrossSection


@dataclass(frozen=True)
class PaintedArea:
    """What one fill or one stroke covers.

    Attributes:
        area: in pixels of the frame, y down.
        opacity: 0..1; of a gradient that of what is before it in the tree.
    """

    area: Area
    opacity: float


@dataclass(frozen=True)
class _Inherited:
    """What the elements around one hand down to it: style, transform to pixels, opacity, clip."""

    style: dict[str, str]
    matrix: Affine
    opacity: float = 1.0
    clip: Area | None = None


class CurveReader:
    """Outlines of drawings that were made from one: `drawing_of` each of its layers.

    Args:
        root: of the sanitised drawing, with a viewBox.
        frame: (H, W) of the page in pixels.

    Raises:
        NoOutlineError: its style sheet or its page is of a kind that is not followed.
    """

    def __init__(self, root: ElementTree.Element, frame: tuple[int, int]) -> None:
        self._cascade = Cascade(root)
        self._by_id = {e.get("id"): e for e in reversed(list(root.iter())) if e.get("id")}
        box = view_box(root)
        fit = root.get("preserveAspectRatio", "xMidYMid meet")
        same = math.isclose(box[2] * frame[0], box[3] * frame[1], rel_tol=2e-3)
        if not same and not fit.strip().startswith("xMidYMid"):
            raise NoOutlineError("a page of other proportions than its drawing")
        self._page = page_transform(box, frame)
        self._frame = Area([np.array([[0, 0], [frame[1], 0], [frame[1], frame[0]], [0, frame[0]]],
                                     np.float64)], manifold3d.FillRule.NonZero)  # fmt: skip
        self._size = frame
        self._points = 0

    def areas(self, drawing: ElementTree.Element) -> list[PaintedArea]:
        """What a drawing paints inside the page, bottom to top.

        Raises NoOutlineError where it holds what has no outline of its own: text, pictures, masks,
        filters, patterns, markers, dashes.
        """
        painted: list[PaintedArea] = []
        self._open_clips: list[ElementTree.Element] = []  # those that are being followed
        around = _Inherited(self._cascade.style(drawing, {}), self._page)
        self._refuse_effects(around.style)
        opacity = _opacity_of(around.style.get("opacity"))
        self._children(drawing, _Inherited(around.style, self._page, opacity), painted)
        return [PaintedArea(self._on_page(p.area), p.opacity) for p in painted]

    def _on_page(self, area: Area) -> Area:
        left, top, right, bottom = area.bounds()
        inside = left >= 0 and top >= 0 and right <= self._size[1] and bottom <= self._size[0]
        return area if inside else area ^ self._frame

    def _children(
        self, parent: ElementTree.Element, around: _Inherited, painted: list[PaintedArea]
    ) -> None:
        for child in parent:
            self._element(child, around, painted)

    def _element(
        self, element: ElementTree.Element, around: _Inherited, painted: list[PaintedArea]
    ) -> None:
        kind = local_name(element)
        if kind in _NO_OUTLINE:
            raise NoOutlineError(_NO_OUTLINE[kind])
        if kind not in DRAWN and kind not in _GROUPS and kind != "use":
            return
        style = self._cascade.style(element, around.style)
        if style.get("display") == "none":
            return
        self._refuse_effects(style)
        matrix = joined(around.matrix, read_transform(style.get("transform")))
        if kind == "svg":
            raise NoOutlineError("a drawing inside the drawing")
        clip = self._clipped(around.clip, style.get("clip-path"), matrix)
        own = _Inherited(style, matrix, around.opacity * _opacity_of(style.get("opacity")), clip)
        if kind in _GROUPS:
            self._children(element, own, painted)
        elif kind == "use":
            target = self._target(element)
            if target is not None:
                shift = translation(length(element.get("x")), length(element.get("y")))
                moved = _Inherited(style, joined(matrix, shift), own.opacity, clip)
                self._element(target, moved, painted)
        elif style.get("visibility", "visible") == "visible":
            self._shape(element, kind, own, painted)

    def _target(self, use: ElementTree.Element) -> ElementTree.Element | None:
        link = href_of(use)
        target = self._by_id.get(link[1].lstrip("#")) if link is not None else None
        if target is not None and local_name(target) in ("symbol", "svg"):
            raise NoOutlineError("a symbol")
        return target

    def _refuse_effects(self, style: dict[str, str]) -> None:
        for name in ("mask", "filter"):
            if style.get(name, "none") not in _NO_VALUE:
                raise NoOutlineError(f"a {name}")

    def _shape(
        self, element: ElementTree.Element, kind: str, own: _Inherited, painted: list[PaintedArea]
    ) -> None:
        style = own.style
        subpaths = subpaths_of(element, kind)
        if any(style.get(name, "none") != "none" for name in style if name.startswith("marker")):
            raise NoOutlineError("markers")
        if kind != "line" and self._paints(style.get("fill", "black")):
            opacity = own.opacity * _opacity_of(style.get("fill-opacity"))
            rule = style.get("fill-rule", "nonzero")
            self._add(self._filled(subpaths, own.matrix, rule), opacity, own.clip, painted)
        width = length(style.get("stroke-width"), 1.0)
        if width > 0.0 and self._paints(style.get("stroke", "none")):
            if style.get("stroke-dasharray", "none") not in _NO_VALUE:
                raise NoOutlineError("dashes")
            opacity = own.opacity * _opacity_of(style.get("stroke-opacity"))
            area = self._stroked(subpaths, own.matrix, _pen(style, width))
            self._add(area, opacity, own.clip, painted)

    def _add(
        self, area: Area, opacity: float, clip: Area | None, painted: list[PaintedArea]
    ) -> None:
        area = area if clip is None else area ^ clip
        if opacity > 0.0 and not area.is_empty():
            painted.append(PaintedArea(area, opacity))

    def _paints(self, paint: str) -> bool:
        """Whether a fill or a stroke covers; gradients are told apart from patterns."""
        if paint in ("none", "transparent"):
            return False
        match = _URL.match(paint)
        if match is None:
            return True
        target = self._by_id.get(match.group(1))
        if target is None or local_name(target) not in _GRADIENTS:
            raise NoOutlineError("a pattern")
        return True

    def _filled(self, subpaths: list[Subpath], matrix: Affine, rule: str) -> Area:
        tolerance = TOLERANCE_PX / _largest_scale(matrix)
        rings = [flatten(subpath, tolerance).points for subpath in subpaths]
        rings = [self._checked_ring(_transformed(ring, matrix)) for ring in rings if len(ring) > 2]
        return Area(rings, _RULES.get(rule, manifold3d.FillRule.NonZero)) if rings else Area()

    def _stroked(self, subpaths: list[Subpath], matrix: Affine, pen: Pen) -> Area:
        tolerance = TOLERANCE_PX / _largest_scale(matrix)
        pieces: list[NDArray[np.float64]] = []
        for subpath in subpaths:
            line = flatten(subpath, tolerance)
            pieces += map(self._checked_ring, stroke_pieces(line, pen, tolerance))
        if not pieces:
            return Area()
        cuts = np.cumsum([len(piece) for piece in pieces])[:-1]
        placed = np.split(_transformed(np.concatenate(pieces), matrix), cuts)
        return Area(placed, manifold3d.FillRule.NonZero)

    def _checked_ring(self, ring: NDArray[np.float64]) -> NDArray[np.float64]:
        self._points += len(ring)
        if self._points > MAX_POINTS:
            raise NoOutlineError("too many points")
        if not np.isfinite(ring).all():
            raise NoOutlineError("points beyond all bounds")
        return ring

    def _clipped(self, clip: Area | None, reference: str | None, matrix: Affine) -> Area | None:
        if reference is None or reference in _NO_VALUE:
            return clip
        match = _URL.match(reference)
        target = self._by_id.get(match.group(1)) if match else None
        if target is None or local_name(target) != "clipPath":
            return clip  # a link to nothing clips nothing
        if target.get("clipPathUnits", "userSpaceOnUse") != "userSpaceOnUse":
            raise NoOutlineError("a clip path measured by what it clips")
        if target in self._open_clips or len(self._open_clips) == _MAX_NESTED_CLIPS:
            raise NoOutlineError("a clip path inside itself, or inside too many others")
        self._open_clips.append(target)
        style = self._cascade.style(target, {})
        matrix = joined(matrix, read_transform(target.get("transform")))
        parts: list[Area] = []
        for child in target:
            parts += self._clip_shape(child, style, matrix)
        area = reduce(lambda one, other: one + other, parts, Area())
        inner = self._clipped(None, style.get("clip-path"), matrix)
        self._open_clips.pop()
        area = area if inner is None else area ^ inner
        return area if clip is None else clip ^ area

    def _clip_shape(
        self, element: ElementTree.Element, parent: dict[str, str], matrix: Affine
    ) -> list[Area]:
        kind = local_name(element)
        if kind in _NO_OUTLINE:
            raise NoOutlineError(_NO_OUTLINE[kind])
        if kind not in DRAWN and kind != "use":
            return []
        style = self._cascade.style(element, parent)
        if style.get("display") == "none" or style.get("visibility", "visible") != "visible":
            return []
        matrix = joined(matrix, read_transform(style.get("transform")))
        if kind == "use":
            target = self._target(element)
            shift = translation(length(element.get("x")), length(element.get("y")))
            inside = joined(matrix, shift)
            areas = [] if target is None else self._clip_shape(target, style, inside)
        else:
            rule = style.get("clip-rule", "nonzero")
            areas = [self._filled(subpaths_of(element, kind), matrix, rule)]
        clip = self._clipped(None, style.get("clip-path"), matrix)
        return areas if clip is None else [area ^ clip for area in areas]


def _pen(style: dict[str, str], width: float) -> Pen:
    try:
        limit = float(style.get("stroke-miterlimit", "4"))
    except ValueError:
        limit = 4.0
    return Pen(
        width,
        style.get("stroke-linecap", "butt"),
        style.get("stroke-linejoin", "miter"),
        max(limit, 1.0),
    )


def _opacity_of(text: str | None) -> float:
    """An opacity, as a number or in percent."""
    if text is None:
        return 1.0
    try:
        value = float(text.rstrip("%")) / (100.0 if text.endswith("%") else 1.0)
    except ValueError:
        return 1.0
    return min(max(value, 0.0), 1.0)


def _transformed(points: NDArray[np.float64], matrix: Affine) -> NDArray[np.float64]:
    return np.ascontiguousarray(points @ matrix[:, :2].T + matrix[:, 2])


def _largest_scale(matrix: Affine) -> float:
    return max(float(np.linalg.svd(matrix[:, :2], compute_uv=False)[0]), 1e-9)
