"""Checks on what refers to what inside a drawing: hrefs, url(...), <use> chains."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

from ..xml_names import local_name
from .refusals import SvgRefusedError

__all__ = ["check_references", "check_use", "href_of", "inline_nested_clip_use"]

_URL = re.compile(r"url\(\s*[\"']?\s*([^\"')\s]*)", re.IGNORECASE)
_IMPORT = re.compile(r"@import\b", re.IGNORECASE)
_FONT_FACE = re.compile(r"@font-face\s*+\{[^{}]*+\}", re.IGNORECASE)
_RASTERS = frozenset({"image", "feImage"})


def href_of(element: ElementTree.Element) -> tuple[str, str] | None:
    """The name of the attribute that is the element's link, and its value; None for no link."""
    for name, value in element.attrib.items():
        if name.rpartition("}")[2] == "href":
            return name, value.strip()
    return None


def check_references(root: ElementTree.Element, *, rasters: str = "reject") -> None:
    """Raise `SvgRefusedError` if anything points outside the file or embeds a bitmap."""
    for parent in list(root.iter()):
        for child in list(parent):
            tag = local_name(child)
            link = href_of(child)
            if tag in _RASTERS:
                inline = link is None or link[1].startswith(("data:", "#"))
                if not inline:
                    target = link[1][:60] if link else ""
                    raise SvgRefusedError("external-reference", f"<{tag}> {target}")
                if rasters == "reject":
                    raise SvgRefusedError("embedded-raster", f"<{tag}>")
                if rasters == "drop":
                    parent.remove(child)
            elif link is not None:
                if tag == "a" or not link[1]:
                    del child.attrib[link[0]]
                elif not link[1].startswith("#"):
                    raise SvgRefusedError("external-reference", f"<{tag}> {link[1][:60]}")
    for element in root.iter():
        for value in element.attrib.values():
            if "(" in value:
                _check_urls(value)
        if local_name(element) == "style" and element.text:
            element.text = _FONT_FACE.sub("", element.text)
            if _IMPORT.search(element.text):
                raise SvgRefusedError("external-reference", "@import")
            _check_urls(element.text)


def _check_urls(value: str) -> None:
    for target in _URL.findall(value):
        if target and not target.startswith("#"):
            raise SvgRefusedError("external-reference", target[:60])


def check_use(root: ElementTree.Element, limit: int) -> None:
    """Raise `SvgRefusedError` if <use> is recursive or unfolds to more than `limit` elements."""
    uses = [e for e in root.iter() if local_name(e) == "use"]
    if not uses:
        return
    by_id: dict[str, ElementTree.Element] = {}
    for element in root.iter():
        identifier = element.get("id")
        if identifier:
            by_id.setdefault(identifier, element)
    cost: dict[int, int] = {}
    entered: set[int] = set()

    def unfolded(element: ElementTree.Element) -> int:
        key = id(element)
        if key in cost:
            return cost[key]
        if key in entered:
            raise SvgRefusedError("recursive-use", element.get("id", local_name(element)))
        entered.add(key)
        total = 1 + sum(unfolded(child) for child in element)
        link = href_of(element) if local_name(element) == "use" else None
        if link is not None and link[1][1:] in by_id:
            total += unfolded(by_id[link[1][1:]])
        if total > limit:
            raise SvgRefusedError("use-bomb", f"more than {limit} elements")
        entered.discard(key)
        cost[key] = total
        return total

    try:
        unfolded(root)
    except RecursionError:
        raise SvgRefusedError("recursive-use", "a chain of <use> too long to follow") from None


def inline_nested_clip_use(root: ElementTree.Element) -> None:
    """Point a clipPath's <use> at the final shape, which renderers do not follow by themselves."""
    clips = [e for e in root.iter() if local_name(e) == "clipPath"]
    if not clips:
        return
    by_id = {e.get("id"): e for e in root.iter() if e.get("id")}
    for clip in clips:
        for use in [e for e in clip if local_name(e) == "use"]:
            for _ in range(16):
                link = href_of(use)
                target = by_id.get(link[1][1:]) if link else None
                if link is None or target is None or local_name(target) != "use":
                    break
                inner = href_of(target)
                if inner is None:
                    break
                transforms = [use.get("transform", ""), _shift(use), target.get("transform", "")]
                use.set("transform", " ".join(t for t in transforms if t))
                for name in ("x", "y"):
                    use.attrib.pop(name, None)
                    if target.get(name):
                        use.set(name, target.get(name, "0"))
                use.set(link[0], inner[1])


def _shift(use: ElementTree.Element) -> str:
    x, y = use.get("x", "0"), use.get("y", "0")
    return "" if (x, y) == ("0", "0") else f"translate({x} {y})"
