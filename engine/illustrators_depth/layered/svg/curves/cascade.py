"""Which style an element of a drawing has: of attributes, plain CSS rules and its parent's."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping

from ...xml_names import local_name
from .refusal import NoOutlineError

__all__ = ["Cascade"]

_INHERITED = (
    "fill", "stroke", "stroke-width", "fill-rule", "clip-rule", "stroke-linecap",
    "stroke-linejoin", "stroke-miterlimit", "stroke-dasharray", "fill-opacity", "stroke-opacity",
    "visibility", "marker", "marker-start", "marker-mid", "marker-end",
)  # fmt: skip
_OWN = ("opacity", "display", "clip-path", "mask", "filter", "transform", "mix-blend-mode")
_NAMES = frozenset((*_INHERITED, *_OWN))
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_SELECTOR = re.compile(r"(\*|[A-Za-z][\w-]*)?((?:[.#][\w-]+)*)")


class Cascade:
    """Styles of a drawing's elements.

    Raises NoOutlineError for a style sheet whose selectors are more than names, classes and ids.
    """

    def __init__(self, root: ElementTree.Element) -> None:
        self._rules: list[tuple[int, str, frozenset[str], str, dict[str, str]]] = []
        sheets = (e.text or "" for e in root.iter() if local_name(e) == "style")
        for sheet in sheets:
            for selectors, body in _RULE.findall(_COMMENT.sub("", sheet)):
                pairs = _pairs(body)
                if pairs:
                    for selector in selectors.split(","):
                        self._add(selector.strip(), pairs)
        self._rules.sort(key=lambda rule: rule[0])  # stable: of equal weight the later one counts

    def _add(self, selector: str, pairs: dict[str, str]) -> None:
        match = _SELECTOR.fullmatch(selector)
        if match is None or not selector:
            raise NoOutlineError(f"the style {selector[:30]!r}")
        tag, marks = match.group(1) or "*", re.findall(r"([.#])([\w-]+)", match.group(2) or "")
        classes = frozenset(name for mark, name in marks if mark == ".")
        ids = [name for mark, name in marks if mark == "#"]
        if len(ids) > 1:
            return
        weight = 100 * len(ids) + 10 * len(classes) + (tag != "*")
        self._rules.append((weight, tag, classes, ids[0] if ids else "", pairs))

    def style(self, element: ElementTree.Element, parent: Mapping[str, str]) -> dict[str, str]:
        """The values that an element has, its parent's style being known."""
        values = {name: value for name, value in parent.items() if name in _INHERITED}
        own = {n: v.strip() for n, v in element.attrib.items() if n in _NAMES}
        own.pop("mix-blend-mode", None)  # no attribute, by its specification
        if self._rules:
            tag, identity = local_name(element), element.get("id", "")
            classes = frozenset(element.get("class", "").split())
            for _, name, required, identifier, pairs in self._rules:
                fits = name in ("*", tag) and required <= classes
                if fits and identifier in ("", identity):
                    own |= pairs
        own |= _pairs(element.get("style", ""))
        for name, value in own.items():
            if value != "inherit":
                values[name] = value
            elif name in parent:
                values[name] = parent[name]
        return values


def _pairs(text: str) -> dict[str, str]:
    """Declarations of the properties that matter here; `!important` ones are refused."""
    if "!" in text:
        raise NoOutlineError("a style with !important")
    pairs = (part.partition(":") for part in _COMMENT.sub("", text).split(";"))
    values = {name.strip().lower(): value.strip() for name, _, value in pairs}
    values.pop("transform", None)  # resvg follows the attribute alone
    return {name: value for name, value in values.items() if name in _NAMES and value}
