"""A layered drawing, and its text as SVG 1.1: one named group per layer, bottom to top."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..io.names import safe_name
from ..io.xml_text import attribute, text
from ..layering.layer_tree import LayerGroup, layer_tree
from .paints.paint import Flat, Gradient, Paint, hex_color

__all__ = ["SvgDocument", "SvgGroup", "SvgPath"]

_SVG = "http://www.w3.org/2000/svg"
_INKSCAPE = "http://www.inkscape.org/namespaces/inkscape"
_XLINK = "http://www.w3.org/1999/xlink"


@dataclass(frozen=True)
class SvgPath:
    """A filled path.

    Attributes:
        data: the `d` attribute, in pixels, y down.
        paint: its fill.
        opacity: 0..1.
    """

    data: str
    paint: Paint
    opacity: float = 1.0


@dataclass(frozen=True)
class SvgGroup:
    """One layer: its name, its place in the stack (0 = bottom) and its paths, bottom to top.

    Attributes:
        parents: names of the groups that the layer is in, outermost first.
        blend: its blend mode.
    """

    name: str
    index: int
    paths: tuple[SvgPath, ...]
    parents: tuple[str, ...] = ()
    blend: str = "normal"


@dataclass(frozen=True)
class SvgDocument:
    """A drawing of layers.

    Attributes:
        width, height: pixels of the picture; the viewBox.
        groups: bottom to top.
        title: the picture's name.
        size_mm: width and height in print; None leaves the drawing in pixels.
    """

    width: int
    height: int
    groups: tuple[SvgGroup, ...]
    title: str = "picture"
    size_mm: tuple[float, float] | None = None

    @property
    def path_count(self) -> int:
        return sum(len(group.paths) for group in self.groups)

    def to_svg(self) -> str:
        """The document's text (UTF-8 when encoded); opens in browsers, Inkscape, Illustrator."""
        return "".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield '<?xml version="1.0" encoding="UTF-8"?>\n'
        yield f'<svg xmlns="{_SVG}" xmlns:xlink="{_XLINK}" xmlns:inkscape="{_INKSCAPE}"'
        size = (str(self.width), str(self.height))
        if self.size_mm is not None:
            across, down = (f"{round(value, 4):g}mm" for value in self.size_mm)
            size = across, down
        yield f' version="1.1" width="{size[0]}" height="{size[1]}"'
        yield f' viewBox="0 0 {self.width} {self.height}">\n'
        yield f"<title>{text(self.title)}</title>\n"
        gradients = {
            (g, p): f"paint-{group.index + 1}-{p + 1}"
            for g, group in enumerate(self.groups)
            for p, path in enumerate(group.paths)
            if isinstance(path.paint, Gradient)
        }
        if gradients:
            yield "<defs>\n"
            for (g, p), name in gradients.items():
                paint = self.groups[g].paths[p].paint
                if isinstance(paint, Gradient):
                    yield _gradient(paint, name)
            yield "</defs>\n"
        yield from self._nested(layer_tree([group.parents for group in self.groups]), gradients)
        yield "</svg>\n"

    def _nested(
        self, nodes: Sequence[int | LayerGroup], gradients: dict[tuple[int, int], str]
    ) -> Iterator[str]:
        for node in nodes:
            if isinstance(node, LayerGroup):
                yield f'<g inkscape:groupmode="layer" inkscape:label={attribute(node.name)}>\n'
                yield from self._nested(node.members, gradients)
                yield "</g>\n"
            else:
                yield from self._layer(node, gradients)

    def _layer(self, g: int, gradients: dict[tuple[int, int], str]) -> Iterator[str]:
        group = self.groups[g]
        identity = f"layer-{group.index + 1:02d}-{safe_name(group.name)}"
        yield f'<g id="{identity}" inkscape:groupmode="layer"'
        if group.blend != "normal":
            yield f' style="mix-blend-mode:{group.blend}"'
        yield f" inkscape:label={attribute(group.name)}>\n"
        for p, path in enumerate(group.paths):
            paint = path.paint
            fill = hex_color(paint.color) if isinstance(paint, Flat) else f"url(#{gradients[g, p]})"
            opacity = f' fill-opacity="{path.opacity:.3g}"' if path.opacity < 1.0 else ""
            yield f'<path fill="{fill}"{opacity} fill-rule="evenodd" d="{path.data}"/>\n'
        yield "</g>\n"


def _gradient(paint: Gradient, name: str) -> str:
    (x1, y1), (x2, y2) = paint.start, paint.end
    if paint.kind == "linear":
        place = f'x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}"'
    else:
        radius = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
        place = f'cx="{x1:.2f}" cy="{y1:.2f}" r="{radius:.2f}"'
    stops = "".join(
        f'<stop offset="{offset:.4g}" stop-color="{hex_color(color)}"/>'
        for offset, color in paint.stops
    )
    tag = f"{paint.kind}Gradient"
    return f'<{tag} id="{name}" gradientUnits="userSpaceOnUse" {place}>{stops}</{tag}>\n'
