"""The named reasons for which a drawing is left out; every one is counted in the report."""

from __future__ import annotations

__all__ = ["REASONS", "Discarded"]

REASONS: dict[str, str] = {
    # bad input, found before any renderer sees the file
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
    # the renderer
    "render-error": "the renderer refused the file",
    "render-timeout": "the renderer passed its time limit and was stopped",
    "render-memory": "the renderer passed its memory limit and was stopped",
    "render-crash": "the renderer's process died",
    "too-many-soft-operations": "more masked, filtered or fading operations than the limit",
    # the paper's cleaning
    "empty": "nothing is painted inside the window",
    "embedded-raster": "a bitmap is embedded or linked",
    "invisible-boundary": "layers that do not follow each other touch in one and the same colour",
    "single-layer": "fewer layers than two remain",
    "repaint-mismatch": "painting each index with its colour does not give the crisp picture back",
    "hairlines": "much of the picture is finer than the pixel grid, and the index misses it",
    # across drawings
    "duplicate": "the same picture and index map were met before",
    "near-duplicate": "almost the same picture was met before",
    "over-cap": "the source had given as many drawings as its cap allows",
}


class Discarded(Exception):  # noqa: N818 - a verdict on a drawing, not a fault
    """One drawing is left out for a named reason (a key of `REASONS`)."""

    def __init__(self, reason: str, detail: str = "") -> None:
        assert reason in REASONS, reason
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type[Discarded], tuple[str, str]]:
        return (Discarded, (self.reason, self.detail))
