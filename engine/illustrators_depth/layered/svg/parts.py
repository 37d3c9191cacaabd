"""Which shapes of an SVG make a layer together, and the drawing with only those of it."""

from __future__ import annotations

import copy
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby

from ...layering.compositing.blend import ALL_MODES
from ...layering.layer_tree import common_group
from ..group_names import GroupNames, clean_name
from ..xml_names import local_name
from .sanitize import SVG_NAMESPACE
from .syntax import style_of

__all__ = ["SvgPart", "drawing_of", "find_parts"]

_INKSCAPE = "{http://www.inkscape.org/namespaces/inkscape}"
_SVG = f"{{{SVG_NAMESPACE}}}"
_CONTAINERS = frozenset({"g", "a", "switch", "svg"})
_SHAPES = frozenset(
    {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "use", "image"}
)
# What decides the colour of a shape and is handed down to it.
_PAINT = ("fill", "stroke", "stroke-width", "opacity", "fill-opacity", "stroke-opacity", "class")
_MIN_GROUPS = 2
# What a group does to all that it holds as to one picture, and values that do nothing.
_GROUP_EFFECTS = ("opacity", "filter", "mask", "mix-blend-mode", "isolation")
_NO_EFFECT = frozenset({"", "none", "normal", "auto"})
_FULL_OPACITY = re.compile(r"\+?0*1(?:\.0*)?|\+?0*100(?:\.0*)?%")


@dataclass(frozen=True)
class SvgPart:
    """Elements that are one layer.

    Attributes:
        numbers: their places in document order.
        name: empty where the drawing has none. hidden: whether the drawing hides it.
        group: names of the groups that it is in, outermost first.
        blend: its blend mode as CSS names it.
    """

    numbers: frozenset[int]
    name: str
    hidden: bool
    group: tuple[str, ...] = ()
    blend: str = "normal"


def find_parts(root: ElementTree.Element, split: str) -> list[SvgPart]:
    """The layers of a drawing, bottom to top.

    Args:
        root: of a sanitised drawing.
        split: "groups", "paths", "strokes" or "auto", see `read_layers`; strokes are apart already.
    """
    numbers = {id(element): number for number, element in enumerate(root.iter())}
    parents, groups = _top_groups(root)
    if split == "auto":
        layered = any(map(_is_layer, groups))
        several = sum(local_name(g) == "g" for g in groups) >= _MIN_GROUPS
        split = "groups" if layered or several else "colors"
    if split == "groups":
        path = tuple(clean_name(_name(parent)) or "group" for parent in parents)
        return list(_by_group(groups, numbers, path, any(map(_is_hidden, parents)), GroupNames()))
    return _by_shape(root, numbers, merge=split == "colors")


def _by_group(
    level: list[ElementTree.Element],
    numbers: dict[int, int],
    path: tuple[str, ...],
    hidden: bool,
    names: GroupNames,
) -> Iterator[SvgPart]:
    """A layer of each group; a group of Inkscape's that holds such layers is one of our groups."""
    for group in level:
        concealed = hidden or _is_hidden(group)
        painted = _painted_children(group)
        opens = _is_layer(group) and any(map(_is_layer, painted)) and not _is_composite(group)
        if not opens:
            own = frozenset(numbers[id(e)] for e in group.iter())
            yield SvgPart(own, _name(group), concealed, path, _blend(group))
            continue
        inside = names.enter(path, _name(group))
        for layered, run in groupby(painted, _is_layer):
            if layered:
                yield from _by_group(list(run), numbers, inside, concealed, names)
            else:  # shapes beside layers are a layer of their own
                own = frozenset(numbers[id(e)] for shape in run for e in shape.iter())
                yield SvgPart(own, _name(group), concealed, inside)


def _by_shape(root: ElementTree.Element, numbers: dict[int, int], merge: bool) -> list[SvgPart]:
    """A layer of each shape, or of consecutive shapes that are painted alike."""
    parts: list[SvgPart] = []
    last = None
    for shape, paint, hidden, path, blend in _shapes(root, {}, False, (), GroupNames()):
        own = frozenset(numbers[id(e)] for e in shape.iter())
        key = (paint, hidden, blend)
        if merge and parts and key == last:
            before = parts[-1]
            name = before.name or _name(shape)
            shared = common_group([before.group, path])
            parts[-1] = SvgPart(before.numbers | own, name, hidden, shared, before.blend)
        else:
            parts.append(SvgPart(own, _name(shape), hidden, path, blend))
        last = key
    return parts


def drawing_of(root: ElementTree.Element, part: SvgPart) -> ElementTree.Element:
    """A copy of the drawing in which only `part` is painted; a hidden part is shown.

    What others refer to stays where it can be found, in <defs>.
    """
    drawing = copy.deepcopy(root)
    # The same order as in the original, whose copy it is.
    order = {id(element): number for number, element in enumerate(drawing.iter())}
    _prune(drawing, part.numbers, order)
    return drawing


def _prune(
    parent: ElementTree.Element, kept_numbers: Collection[int], order: dict[int, int]
) -> None:
    children = []
    for child in parent:
        local = local_name(child)
        if local not in _SHAPES and local not in _CONTAINERS:
            children.append(child)  # definitions, styles
        elif order[id(child)] in kept_numbers:
            _show(child)
            children.append(child)
        elif local in _CONTAINERS and any(order[id(e)] in kept_numbers for e in child.iter()):
            _show(child)
            _prune(child, kept_numbers, order)
            children.append(child)
        elif any(e.get("id") for e in child.iter()):
            shelf = ElementTree.Element(f"{_SVG}defs")
            shelf.append(child)
            children.append(shelf)
    parent[:] = children


def _show(element: ElementTree.Element) -> None:
    if _is_hidden(element):
        element.attrib.pop("display", None)
        style = style_of(element)
        style.pop("display", None)
        element.set("style", ";".join(f"{key}:{value}" for key, value in style.items()))


def _top_groups(
    root: ElementTree.Element,
) -> tuple[list[ElementTree.Element], list[ElementTree.Element]]:
    """What is painted at the top level, a single group around everything being opened.

    The first list are the layers of Inkscape's that were opened so.
    """
    level = root
    opened: list[ElementTree.Element] = []
    while True:
        painted = _painted_children(level)
        if (
            len(painted) != 1
            or local_name(painted[0]) not in _CONTAINERS
            or _is_composite(painted[0])
        ):
            return opened, painted
        level = painted[0]
        if _is_layer(level):
            if any(map(_is_layer, _painted_children(level))):
                opened.append(level)
            elif opened:
                return opened, painted


def _is_composite(group: ElementTree.Element) -> bool:
    """Whether a group is more than its shapes one by one: faded, blended or filtered together."""
    if local_name(group) == "switch":
        return True
    return _has_group_effect(group) and sum(local_name(e) in _SHAPES for e in group.iter()) > 1


def _has_group_effect(group: ElementTree.Element) -> bool:
    style = style_of(group)
    values = (style.get(name, group.get(name, "")).strip() for name in _GROUP_EFFECTS)
    return not all(value in _NO_EFFECT or _FULL_OPACITY.fullmatch(value) for value in values)


def _painted_children(parent: ElementTree.Element) -> list[ElementTree.Element]:
    return [e for e in parent if local_name(e) in _SHAPES | _CONTAINERS]


def _is_layer(element: ElementTree.Element) -> bool:
    return element.get(f"{_INKSCAPE}groupmode") == "layer"


_Shape = tuple[ElementTree.Element, tuple[tuple[str, str], ...], bool, tuple[str, ...], str]


def _shapes(
    parent: ElementTree.Element,
    inherited: dict[str, str],
    hidden: bool,
    path: tuple[str, ...],
    names: GroupNames,
    blend: str = "",
) -> Iterator[_Shape]:
    """Every shape in paint order: how it is painted, whether hidden, its groups, its blend mode.

    blend: of the group that is a picture of its own around all of these; empty for none.
    """
    for child in parent:
        local = local_name(child)
        paint = {**inherited, **_paint_of(child)}
        concealed = hidden or _is_hidden(child)
        if local in _SHAPES:
            yield child, tuple(sorted(paint.items())), concealed, path, blend or _blend(child)
        elif _is_composite(child):
            yield child, (("whole", str(id(child))),), concealed, path, blend or _blend(child)
        elif local in _CONTAINERS:
            name = _name(child)
            inside = names.enter(path, name) if name else path  # others only hand down attributes
            around = blend or (_blend(child) if _has_group_effect(child) else "")
            yield from _shapes(child, paint, concealed, inside, names, around)


def _paint_of(element: ElementTree.Element) -> dict[str, str]:
    style = style_of(element)
    named = {name: style.get(name, element.get(name)) for name in _PAINT}
    return {name: value.strip() for name, value in named.items() if value is not None}


def _is_hidden(element: ElementTree.Element) -> bool:
    return element.get("display") == "none" or style_of(element).get("display") == "none"


def _blend(element: ElementTree.Element) -> str:
    mode = style_of(element).get("mix-blend-mode", "normal")  # no attribute, by its specification
    mode = "plus" if mode == "plus-lighter" else mode
    return mode if mode in ALL_MODES else "normal"


def _name(element: ElementTree.Element) -> str:
    return element.get(f"{_INKSCAPE}label") or element.get("id") or ""
