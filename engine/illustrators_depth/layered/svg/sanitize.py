"""Makes a drawing from a stranger safe and well-formed before a renderer sees it.

Nothing that could reach outside the file survives: external entities, links to files or hosts,
scripts and bitmaps are rejected by name. Bombs (entities, <use>, path data, nesting) are rejected
from their declared size, before they unfold. Small, frequent faults of real clip art are repaired.
"""

from __future__ import annotations

import gzip
import io
import math
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

from .links import check_references, check_use, inline_nested_clip_use
from .page import view_box
from .refusals import SvgRefusedError
from .syntax import NUMBER

__all__ = ["SVG_NAMESPACE", "SvgLimits", "sanitize_svg"]

SVG_NAMESPACE = "http://www.w3.org/2000/svg"
XLINK_NAMESPACE = "http://www.w3.org/1999/xlink"
ElementTree.register_namespace("", SVG_NAMESPACE)
ElementTree.register_namespace("xlink", XLINK_NAMESPACE)

# All patterns are linear in the text, whatever the text: possessive repeats that stop at the next
# bracket. A stranger's file must not be able to hang a regular expression.
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*+(?:\[(?P<subset>[^\]]*+)\]\s*+)?>", re.IGNORECASE)
_ENTITY = re.compile(
    r"<!ENTITY\s++(?P<parameter>%\s++)?(?P<name>[\w:.\-]++)\s++"
    r"(?:(?P<external>SYSTEM|PUBLIC)|\"(?P<double>[^\"<]*+)\"|'(?P<single>[^'<]*+)')"
)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*?\?>")
_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9_.\-]+)["']""")
_ROOT = re.compile(r"<(?P<tag>(?:[A-Za-z_][\w.\-]*+:)?svg)(?P<attributes>(?:\s[^<>]*+)?)>")
_PREFIX_USED = re.compile(r"[<\s/]([A-Za-z_][\w.\-]*):[A-Za-z_]")
_CSS_VARIABLE = re.compile(r"var\(\s*+--[\w\-]++\s*+,\s*+([^()]*+(?:\([^()]*+\)[^()]*+)?)\)")
_STRAY_AMPERSAND = re.compile(r"&(?!#?\w+;)")
_DROPPED = frozenset({"script", "foreignObject", "metadata", "title", "desc"})


@dataclass(frozen=True)
class SvgLimits:
    """What a drawing may hold before it is rejected unseen.

    bytes: the file itself, after unpacking a .svgz; path_characters: all outline data together;
    elements: as written; unfolded: after every <use> is replaced; depth: of nesting.
    """

    bytes: int = 8_000_000
    path_characters: int = 1_500_000
    elements: int = 50_000
    unfolded: int = 200_000
    depth: int = 150


def sanitize_svg(data: bytes, limits: SvgLimits | None = None, *, rasters: str = "reject") -> str:
    """Return the drawing as safe SVG text with all namespaces declared.

    data: the file's bytes, plain or gzip. rasters: "reject" refuses a drawing that embeds a
    bitmap (the paper's rule), "drop" only removes the bitmap, "keep" leaves it.
    Raises `SvgRefusedError`.
    """
    limits = limits or SvgLimits()
    text = _CSS_VARIABLE.sub(r"\1", _expand_entities(_decode(_unpack(data, limits)), limits))
    root = _parse(text)
    _check_size(root, limits)
    check_references(root, rasters=rasters)
    check_use(root, limits.unfolded)
    inline_nested_clip_use(root)
    return ElementTree.tostring(root, encoding="unicode")


def _unpack(data: bytes, limits: SvgLimits) -> bytes:
    if data[:2] == b"\x1f\x8b":
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
                data = stream.read(limits.bytes + 1)
        except (OSError, EOFError, ValueError) as error:
            raise SvgRefusedError("broken-xml", f"gzip: {error}") from None
    if len(data) > limits.bytes:
        raise SvgRefusedError("too-large", f"more than {limits.bytes} bytes")
    return data


def _decode(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    else:
        declared = _ENCODING.search(data[:200])
        encoding = declared.group(1).decode("ascii") if declared else "utf-8"
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        text = data.decode("latin-1")
    return _DECLARATION.sub("", text.lstrip("\ufeff"), count=1)


def _expand_entities(text: str, limits: SvgLimits) -> str:
    """Replace the internal entities that Illustrator writes; reject every other kind."""
    if "<!" not in text:
        return text
    start = text.upper().find("<!DOCTYPE")
    if start < 0:
        return text
    doctype = _DOCTYPE.match(text, start)
    if doctype is None:
        raise SvgRefusedError("broken-xml", "a DOCTYPE without an end")
    subset = doctype.group("subset") or ""
    text = text[: doctype.start()] + text[doctype.end() :]
    values: dict[str, str] = {}
    for entity in _ENTITY.finditer(subset):
        if entity.group("external"):
            raise SvgRefusedError("external-reference", f"entity {entity.group('name')}")
        value = entity.group("double") or entity.group("single") or ""
        if entity.group("parameter") or "&" in value or "%" in value:
            raise SvgRefusedError("entity-bomb", f"nested entity {entity.group('name')}")
        if len(value) > 10_000 or len(values) >= 64:
            raise SvgRefusedError("entity-bomb", "too many or too long")
        values[entity.group("name")] = value
    if values:
        growth = sum(text.count(f"&{name};") * len(value) for name, value in values.items())
        if growth + len(text) > limits.bytes:
            raise SvgRefusedError("entity-bomb", "expands past the size limit")
        text = re.sub(r"&([\w:.\-]+);", lambda m: values.get(m.group(1), m.group(0)), text)
    return text


def _parse(text: str) -> ElementTree.Element:
    root = _declare_namespaces(text)
    try:
        tree = ElementTree.fromstring(root)
    except ElementTree.ParseError:
        try:
            tree = ElementTree.fromstring(_STRAY_AMPERSAND.sub("&amp;", root))
        except ElementTree.ParseError as error:
            raise SvgRefusedError("broken-xml", str(error)) from None
    except ValueError as error:
        raise SvgRefusedError("broken-xml", str(error)) from None
    if tree.tag != f"{{{SVG_NAMESPACE}}}svg":
        raise SvgRefusedError("not-svg", tree.tag)
    _drop_foreign(tree)
    return tree


def _declare_namespaces(text: str) -> str:
    """Declare the SVG namespace and undeclared prefixes on the root; clip art often lacks them."""
    match = _ROOT.search(text)
    if match is None:
        return text
    attributes = match.group("attributes")
    missing = []
    if ":" not in match.group("tag") and not re.search(r"\sxmlns\s*=", attributes):
        missing.append(f'xmlns="{SVG_NAMESPACE}"')
    declared = set(re.findall(r"xmlns:([\w.\-]+)\s*=", text))
    for prefix in sorted(set(_PREFIX_USED.findall(text)) - declared - {"xml", "xmlns"}):
        space = XLINK_NAMESPACE if prefix == "xlink" else f"urn:undeclared:{prefix}"
        missing.append(f'xmlns:{prefix}="{space}"')
    if not missing:
        return text
    place = match.start() + 1 + len(match.group("tag"))
    return f"{text[:place]} {' '.join(missing)}{text[place:]}"


def _drop_foreign(root: ElementTree.Element) -> None:
    """Remove what no renderer paints: editors' elements, metadata, scripts."""
    prefix = f"{{{SVG_NAMESPACE}}}"
    stack = [root]
    while stack:
        parent = stack.pop()
        painted = []
        for child in parent:
            tag = child.tag if isinstance(child.tag, str) else ""
            if tag.startswith(prefix) and tag[len(prefix) :] not in _DROPPED:
                painted.append(child)
        if len(painted) != len(parent):
            parent[:] = painted
        stack.extend(painted)


def _check_size(root: ElementTree.Element, limits: SvgLimits) -> None:
    elements = characters = 0
    level = [root]
    depth = 0
    while level:
        depth += 1
        if depth > limits.depth:
            raise SvgRefusedError("too-deep", f"more than {limits.depth} levels")
        below: list[ElementTree.Element] = []
        for element in level:
            elements += 1
            characters += len(element.get("d", "")) + len(element.get("points", ""))
            below.extend(element)
        level = below
    if elements > limits.elements:
        raise SvgRefusedError("too-many-elements", str(elements))
    if characters > limits.path_characters:
        raise SvgRefusedError("too-many-points", f"{characters} characters of path data")
    _check_page(root)


def _check_page(root: ElementTree.Element) -> None:
    box = root.get("viewBox")
    if box is not None:
        try:
            numbers = view_box(root)
        except ValueError:
            raise SvgRefusedError("zero-size", f"viewBox={box!r}") from None
        is_usable = all(math.isfinite(n) for n in numbers)
        if not is_usable or numbers[2] <= 0 or numbers[3] <= 0:
            raise SvgRefusedError("zero-size", f"viewBox={box!r}")
    for name in ("width", "height"):
        value = root.get(name)
        number = NUMBER.match(value.strip()) if value else None
        if number and float(number.group()) <= 0:
            if box is None:
                raise SvgRefusedError("zero-size", f"{name}={value!r}")
            del root.attrib[name]  # the viewBox alone says what the page is
