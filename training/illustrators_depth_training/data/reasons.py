"""The named reasons for which a drawing is left out; every one is counted in the report."""

from __future__ import annotations

from illustrators_depth.layered.svg.refusals import SVG_REFUSALS

__all__ = ["REASONS", "Discarded"]

REASONS: dict[str, str] = {
    # bad input, found before any renderer sees the file
    **SVG_REFUSALS,
    # the renderer
    "render-error": "the renderer refused the file",
    "render-timeout": "the renderer passed its time limit and was stopped",
    "render-memory": "the renderer passed its memory limit and was stopped",
    "render-crash": "the renderer's process died",
    "too-many-soft-operations": "more masked, filtered or fading operations than the limit",
    # the paper's cleaning
    "empty": "nothing is painted inside the window",
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
