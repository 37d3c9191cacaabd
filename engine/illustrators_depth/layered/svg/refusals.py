"""Why an SVG from a stranger is refused before any renderer sees it."""

from __future__ import annotations

__all__ = ["SVG_REFUSALS", "SvgRefusedError"]

SVG_REFUSALS: dict[str, str] = {
    "broken-xml": "the file is not well-formed XML, and no known repair makes it so",
    "not-svg": "the root element is not <svg>",
    "too-large": "the file, or what it unpacks to, is over the size limit",
    "too-many-points": "the outlines hold more path data than the limit",
    "too-many-elements": "the file holds more elements than the limit",
    "too-deep": "elements are nested deeper than the limit",
    "entity-bomb": "entity declarations are nested, many, or expand too far",
    "external-reference": "something refers outside the file (http:, file:, an entity, @import)",
    "recursive-use": "a <use> refers to itself, directly or through others",
    "use-bomb": "<use> elements unfold to more elements than the limit",
    "zero-size": "the viewBox or the size of the page is zero, negative or not a number",
    "embedded-raster": "a bitmap is embedded or linked",
}


class SvgRefusedError(Exception):
    """A drawing is refused for a named reason (a key of `SVG_REFUSALS`)."""

    def __init__(self, reason: str, detail: str = "") -> None:
        assert reason in SVG_REFUSALS, reason
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail
