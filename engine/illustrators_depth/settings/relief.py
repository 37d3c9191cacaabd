"""Settings of the solids: slabs, terraces, height fields, flat prints."""

from __future__ import annotations

from dataclasses import dataclass

from .base import Settings
from .info import setting

__all__ = ["ReliefSettings"]

# Larger lengths are mistyped.
MAX_MM = 10_000.0


@dataclass(frozen=True)
class ReliefSettings(Settings):
    """How layers or depth become solid geometry.

    Attributes:
        mode: "stacked" (one closed slab per layer), "terraced" (one solid with a step per layer),
            "heightfield" (one solid over the continuous depth), "flat" (all steps side by side,
            thickness_mm thick, mirrored, with base_mm over them: to be printed face down with
            several filaments) or "auto" ("terraced" for .stl, .3mf and .png, which are printed or
            carved, else "stacked").
        size_mm: longest side of the relief, measured as `fit` says.
        fit: "drawing" (the solid itself measures size_mm: what a ruler says of the print) or
            "picture" (the frame does; a drawing on a transparent page comes out smaller, and all
            products of one picture share one scale). No difference for opaque pictures.
        thickness_mm: "stacked": thickness of each slab; "terraced": height of each step.
        gap_mm: "stacked": clear distance between slabs; above 0 there is no z-fighting.
        base_mm: thickness of what lies under the lowest point of "terraced" and "heightfield".
        height_mm: "heightfield": height of the nearest point over the base.
        smoothing: 0..1, how far outlines may leave the pixel staircase (at most half a pixel).
        simplify: tolerance of outline simplification, in pixels.
        max_vertices: "heightfield": about so many vertices on top at most; 0 takes as many as the
            size needs, 135 000 for 200 mm.
        total_mm: height of everything, base included; thickness_mm (height_mm) then follows from
            it. 0 lets the total follow from the parts.
        layer_height_mm: the printer's layer height; all heights become whole multiples of it. 0
            leaves them as they are.
        first_layer_mm: height of the printer's first layer; 0 for that of the others. Steps end
            where printer layers do: on it, and on every layer_height_mm above it.
        layer_mm: "stacked", "terraced": thickness of each shown layer, bottom to top, instead of
            thickness_mm; 0 in it means thickness_mm. "terraced" has base_mm for the lowest.
        max_steps: "terraced": layers next to each other in the stack share a step until there are
            at most so many, so that as little outline as possible is lost; 0 gives each its own.
        smallest_mm: "terraced", "flat": what is narrower than this joins what is beside it; 0 keeps
            all.
        split: "terraced": one closed part per step, in its layer's colour, instead of one solid.
    """

    mode: str = setting(
        "auto",
        "Shape",
        "What is made",
        choices={
            "auto": "terraced for .stl, .3mf and .png, else stacked",
            "stacked": "one slab per layer",
            "terraced": "one solid with steps",
            "heightfield": "one solid over the smooth depth",
            "flat": "all colors side by side, printed face down",
        },
    )
    size_mm: float = setting(200.0, "Size", "Longest side, mm", above=0.0, most=1e5)
    fit: str = setting(
        "drawing",
        "Fit",
        "What has the size that is asked for",
        choices={"drawing": "the drawing itself", "picture": "the whole picture around it"},
    )
    thickness_mm: float = setting(
        2.0, "Thickness", "Thickness of a slab or a step, mm", above=0.0, most=MAX_MM
    )
    gap_mm: float = setting(0.2, "Gap", "stacked: air between slabs, mm", least=0.0, most=MAX_MM)
    base_mm: float = setting(
        1.0, "Base", "terraced, heightfield: base under it, mm", least=0.0, most=MAX_MM
    )
    height_mm: float = setting(
        6.0, "Height", "heightfield: height over the base, mm", above=0.0, most=MAX_MM
    )
    smoothing: float = setting(
        1.0, "Smoothing", "How smooth outlines are: 0 is the pixel staircase", least=0.0, most=1.0
    )
    simplify: float = setting(
        0.1, "Simplify", "Tolerance of outlines, in pixels", least=0.0, most=10.0, unit="pixels"
    )
    max_vertices: int = setting(
        0,
        "Most Vertices",
        "heightfield: vertices on top, at most; 0: by the size",
        least=4,
        zero="by the size",
    )
    total_mm: float = setting(
        0.0,
        "Total Height",
        "Height of everything, mm; thickness or height follow. 0: from the parts",
        least=0.0,
        most=MAX_MM,
    )
    layer_height_mm: float = setting(
        0.0,
        "Layer Height",
        "The printer's layer height: all heights become multiples of it. 0: as they are",
        least=0.01,
        most=10.0,
        zero="heights as they are",
    )
    first_layer_mm: float = setting(
        0.0,
        "First Layer",
        "Height of the first printed layer, mm; 0: as the others",
        least=0.0,
        most=10.0,
    )
    layer_mm: tuple[float, ...] = setting(
        (),
        "Layer Thicknesses",
        "Thickness of each layer, bottom to top, mm; 0 in it means --thickness-mm",
        metavar="T,T,...",
    )
    max_steps: int = setting(
        0,
        "Most Steps",
        "terraced: at most so many steps, neighbors in the stack share one; 0: one each",
        least=0,
        most=255,
    )
    smallest_mm: float = setting(
        0.0,
        "Smallest Part",
        "terraced: narrower parts join what is beside them, mm; 0 keeps all",
        least=0.0,
        most=1000.0,
    )
    split: bool = setting(
        False,
        "Split",
        "terraced: one closed part per step. Always so for .3mf and for a folder",
        option="--split-steps",
    )

    def check(self) -> None:
        super().check()
        self.require(
            "base_mm",
            self.mode in ("auto", "stacked") or self.base_mm > 0.0,
            "must be above 0, or the relief would have no underside",
        )
        self.require(
            "layer_mm",
            all(0.0 <= value <= MAX_MM for value in self.layer_mm),
            f"must hold thicknesses between 0 and {MAX_MM:.10g}",
        )
