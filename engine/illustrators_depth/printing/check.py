"""Will it print? A finished mesh measured against the printer, as a report of plain facts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..errors import check_kind
from ..geometry.flat_print import BASE, flat_heights
from ..geometry.layer_heights import Heights, field_heights, layer_heights
from ..geometry.terrace_levels import relief_steps, step_heights
from ..product_settings import PrinterSettings
from ..settings import ReliefSettings
from ..types import LayerStack, Mesh
from .report import ERROR, NOTE, WARNING, Finding, LayerReport, PrintReport
from .sections import Section, area_below_width, cut_sections, sealed

__all__ = ["check_print", "first_layer_height", "layer_height", "print_layers"]

# The most common layer height, where the settings name none.
COMMON_LAYER_MM = 0.2
# A share of narrow area below this is the noise of corners.
MIN_NARROW_SHARE = 0.002
# A layer of which more than this is narrower than the nozzle is as good as left out.
LOST_SHARE = 0.5
# What touches less of what lies below it does not stand on it.
MIN_CONTACT_MM2 = 0.01
FIELD_SLICES = 8


def print_layers(stack: LayerStack, settings: ReliefSettings) -> tuple[tuple[str, ...], Heights]:
    """Names and heights of what is printed one above the other, bottom to top.

    A "heightfield" has no layers; it is looked at in slices.
    """
    if settings.mode == "heightfield":
        field = field_heights(settings)
        base, total = field.tops
        marks = [base + (total - base) * k / FIELD_SLICES for k in range(FIELD_SLICES + 1)]
        slices = [f"slice at {(low + high) / 2.0:.3g} mm" for low, high in pairwise(marks)]
        heights = Heights((0.0, *marks[:-1]), tuple(marks), field.notes)
        return ("base", *slices), heights
    if settings.mode == "flat":
        parts = tuple(step.name for step in relief_steps(stack, settings).steps)
        flat = flat_heights(settings)
        bottoms = (*(0.0 for _ in parts), flat.bottoms[1])
        tops = (*(flat.tops[0] for _ in parts), flat.tops[1])
        return (*parts, BASE), Heights(bottoms, tops, flat.notes)
    if settings.mode == "terraced":
        steps = relief_steps(stack, settings).steps
        return tuple(step.name for step in steps), step_heights(stack, steps, settings)
    names = [layer.name for _, layer in stack.shown()]
    return tuple(names), layer_heights(len(names), settings)


def check_print(
    stack: LayerStack,
    mesh: Mesh,
    settings: ReliefSettings,
    printer: PrinterSettings | None = None,
    *,
    separately: bool = False,
) -> PrintReport:
    """Measure a relief against the printer that is to make it.

    Args:
        stack: the layers.
        mesh: what `relief` made of them with these settings; it is measured, not assumed.
        settings: the relief's; its `layer_height_mm` is the printer's, 0.2 if it is 0.
        printer: nozzle, first layer, bed.
        separately: the parts are printed one by one, so that none needs another to stand on.

    Returns:
        Report with dimensions, whether all parts are closed and manifold, the share of every
        layer's area that is narrower than the nozzle, thicknesses against printer layers, parts
        that hang in the air, and what was rounded.
    """
    check_kind(stack, LayerStack, "stack")
    check_kind(mesh, Mesh, "mesh", "call relief first")
    settings = ReliefSettings.or_default(settings)
    printer = PrinterSettings.or_default(printer, "printer")
    names, heights = print_layers(stack, settings)
    findings = [Finding(NOTE, "rounding", f"{n[0].upper()}{n[1:]}.") for n in heights.notes]
    solids = [sealed(part) for part in mesh.split()]
    closed = [solid for solid in solids if solid is not None]
    for part, solid in zip(mesh.parts, solids, strict=True):
        if solid is None:
            findings.append(
                Finding(ERROR, "manifold", f"{part.name!r} is not a closed, manifold solid.")
            )
    findings += _size_findings(mesh, heights, settings, printer)
    findings += _thickness_findings(names, heights, settings, printer)
    layers: list[LayerReport] = []
    if len(closed) == len(solids):
        if len(closed) > 1:  # a layer without any area has no part
            present = {part.name for part in mesh.parts}
            indices = [k for k, name in enumerate(names) if name in present][: len(closed)]
        else:
            indices = list(range(len(names)))
        spans = [(heights.bottoms[k], heights.tops[k]) for k in indices]
        sections = cut_sections(closed, [names[k] for k in indices], spans)
        layers = [_layer_report(section, printer.nozzle_mm) for section in sections]
        findings += _feature_findings(layers, printer.nozzle_mm, settings.mode)
        if not separately and settings.mode != "flat":  # there all stand on the bed
            findings += _island_findings(sections)
    rank = {ERROR: 0, WARNING: 1, NOTE: 2}
    volume = sum(solid.volume() for solid in closed) if len(closed) == len(solids) else float("nan")
    return PrintReport(
        mesh.size_mm,
        float(volume),
        len(mesh.faces),
        len(mesh.parts),
        tuple(layers),
        tuple(sorted(findings, key=lambda f: rank[f.severity])),
    )


def first_layer_height(settings: ReliefSettings, printer: PrinterSettings) -> float:
    """Height of the first printed layer, mm: the relief's, the printer's, or that of the others."""
    return settings.first_layer_mm or printer.first_layer_mm or layer_height(settings)


def layer_height(settings: ReliefSettings) -> float:
    """The printer's layer height that a relief is made for, mm."""
    return settings.layer_height_mm or COMMON_LAYER_MM


def _layer_report(section: Section, nozzle: float) -> LayerReport:
    area = section.area.area()
    narrow = area_below_width(section.area, nozzle) / area if area > 0.0 else 0.0
    return LayerReport(
        section.name,
        section.bottom,
        section.top,
        area,
        len(section.area.decompose()),
        narrow if narrow > MIN_NARROW_SHARE else 0.0,
    )


def _size_findings(
    mesh: Mesh, heights: Heights, settings: ReliefSettings, printer: PrinterSettings
) -> list[Finding]:
    findings = []
    x, y, z = mesh.size_mm
    if settings.total_mm > 0.0 and abs(z - heights.total) > 1e-3:
        text = f"The relief is {z:.4g} mm high where {heights.total:g} mm were planned."
        findings.append(Finding(WARNING, "size", text))
    width, depth, height = printer.bed_mm
    fits = (x <= width and y <= depth) or (x <= depth and y <= width)
    if not fits or z > height:
        findings.append(
            Finding(
                WARNING,
                "size",
                f"{x:.4g} x {y:.4g} x {z:.4g} mm do not fit a printer of "
                f"{width:g} x {depth:g} x {height:g} mm.",
            )
        )
    return findings


def _thickness_findings(
    names: Sequence[str], heights: Heights, settings: ReliefSettings, printer: PrinterSettings
) -> list[Finding]:
    """Layers too thin for the printer, and heights that are no whole number of its layers."""
    findings = []
    quantum, first = layer_height(settings), first_layer_height(settings, printer)
    uneven = []
    for k, (name, thickness) in enumerate(zip(names, heights.thicknesses, strict=True)):
        if settings.mode == "heightfield" and name != "base":
            continue
        min_thickness = first if heights.bottoms[k] == 0.0 else quantum
        if thickness < min_thickness - 1e-6:
            text = (
                f"{name!r} is {thickness:g} mm thick, less than a printer layer of "
                f"{min_thickness:g} mm: it would be left out."
            )
            findings.append(Finding(ERROR, "thickness", text))
        elif settings.mode == "terraced" or heights.bottoms[k] == 0.0:
            if not _is_integer((heights.tops[k] - first) / quantum):
                uneven.append(name)
        elif not _is_integer(thickness / quantum):
            uneven.append(name)
    if uneven:
        planes = (
            f"{quantum:g} mm" if first == quantum else f"{quantum:g} mm over one of {first:g} mm"
        )
        text = (
            f"{len(uneven)} of {len(names)} heights are no whole number of printer layers of "
            f"{planes}: the slicer rounds them. Set the printer's layer height (and first layer), "
            "and they are rounded here."
        )
        findings.append(Finding(WARNING, "thickness", text))
    lowest = heights.thicknesses[-1 if settings.mode == "flat" else 0]
    if first <= lowest + 1e-6 and lowest < printer.min_base_mm - 1e-6:
        text = f"The base is {lowest:g} mm thin; {printer.min_base_mm:g} mm or more hold together."
        findings.append(Finding(WARNING, "thickness", text))
    return findings


def _is_integer(value: float) -> bool:
    return abs(value - round(value)) <= 1e-3


def _feature_findings(layers: Sequence[LayerReport], nozzle: float, mode: str) -> list[Finding]:
    """What is narrower than the nozzle; a smooth relief only loses its tips by it."""
    findings = []
    for layer in layers:
        if layer.area_mm2 > 0.0 and layer.narrow_share > MIN_NARROW_SHARE:
            lost = layer.narrow_share > 1.0 - MIN_NARROW_SHARE
            share = "All" if lost else f"{layer.narrow_share:.1%}"
            text = f"{share} of {layer.name!r} is narrower than the nozzle of {nozzle:g} mm"
            text += " and would be left out." if layer.narrow_share > LOST_SHARE else "."
            tip = mode == "heightfield" and layer.name != "base"
            severity = ERROR if layer.narrow_share > LOST_SHARE and not tip else WARNING
            findings.append(Finding(severity, "feature", text))
    return findings


def _island_findings(sections: Sequence[Section]) -> list[Finding]:
    """Pieces with nothing below them, and a print that falls apart."""
    findings = []
    loose = len(sections[0].area.decompose()) if sections else 0
    if loose > 1:
        text = f"The lowest layer is {loose} separate pieces: they print, but not as one."
        findings.append(Finding(WARNING, "island", text))
    gaps = {round(above.bottom - below.top, 6) for below, above in pairwise(sections)} - {0.0}
    if gaps:
        text = (
            f"Layers hang up to {max(gaps):g} mm above one another: nothing carries them. Let "
            "them touch (a gap of 0), use mode terraced, or print one file per layer."
        )
        return [*findings, Finding(ERROR, "island", text)]
    for below, section in pairwise(sections):
        carried = (section.area ^ below.area).area()
        if section.area.area() - carried <= MIN_CONTACT_MM2:
            continue  # wholly carried
        floating = [
            piece
            for piece in section.area.decompose()
            if (piece ^ below.area).area() < MIN_CONTACT_MM2 <= piece.area()
        ]
        if floating:
            parts = "A part" if len(floating) == 1 else f"{len(floating)} parts"
            text = f"{parts} of {section.name!r} would hang in the air, with nothing below."
            findings.append(Finding(ERROR, "island", text))
        share = 1.0 - carried / section.area.area()
        if share > MIN_NARROW_SHARE:
            text = f"{share:.1%} of {section.name!r} overhangs {below.name!r}: it needs supports."
            findings.append(Finding(WARNING, "island", text))
    return findings
