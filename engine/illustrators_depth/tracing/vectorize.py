"""The verb stack -> layered SVG."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..errors import NothingShownError, check_kind
from ..io.memory import give_back_memory
from ..layering.compositing.quantize import eight_bit
from ..product_settings import VectorizeSettings
from ..progress import Progress, no_progress
from ..types import Layer, LayerStack
from .areas.area import Area
from .areas.edge_drawing import EdgeDrawing
from .areas.layer_areas import Areas
from .coverage.match_coverage import match_coverage
from .coverage.refine_curves import refine_curves
from .curves.follow_rings import follow_rings
from .curves.path_data import path_data
from .document import SvgDocument, SvgGroup, SvgPath
from .drawn_paths import drawn_paths
from .pixel_art import pixel_colors, pixel_paths
from .pixel_runs import pixel_runs
from .vtracer_outline import vtracer_outlines

__all__ = ["trace_stack", "vectorize"]

# An area, its outlines, and whether coverage tells where they lie.
_Draft = tuple[Area, list[NDArray[np.float64]], bool]

_MM_PER_INCH = 25.4
# Outlines are followed once areas of so many pixels wait for it: many at a time cost less each.
_MAX_HELD_PIXELS = 1 << 24


def vectorize(
    stack: LayerStack,
    settings: VectorizeSettings | None = None,
    progress: Progress | None = None,
) -> str:
    """Turn a stack into the text of a layered SVG.

    One named group per shown layer, bottom to top; inside it smooth paths of the layer's completed
    mask, one per colour or gradient. Layers reach under one another, so that no seam shows.

    Args:
        stack: the layers.
        settings: tracer, tolerances, gradients.
        progress: called with ("vectorize", fraction); may raise Cancelled.

    Returns:
        SVG 1.1; the viewBox is the picture's size in pixels, width and height are in millimetres
        where `width_mm` or the picture's resolution (`stack.meta["dpi"]`) tells them.

    Raises:
        InputError: no layer is shown.
    """
    return trace_stack(stack, settings, progress).to_svg()


def trace_stack(
    stack: LayerStack,
    settings: VectorizeSettings | None = None,
    progress: Progress | None = None,
) -> SvgDocument:
    """As `vectorize`, but return groups and paths to count, change or lay out otherwise."""
    check_kind(stack, LayerStack, "stack", "call decompose first")
    settings = VectorizeSettings.or_default(settings)
    report = progress or no_progress
    shown = stack.shown()
    if not shown:
        raise NothingShownError(stack.name, "trace")
    stack = eight_bit(stack)  # traced from layers or from their files, a drawing is the same
    labels = stack.top_labels()
    cut = Areas(stack, labels, settings)
    pixels = pixel_colors(cut.picture, settings.max_colors)
    if pixels is not None:
        art = tuple(
            _group(layer, index, pixel_paths(pixels, labels == index)) for index, layer in shown
        )
        size = _size_mm(stack, settings)
        return SvgDocument(stack.width, stack.height, art, stack.name, size)
    paths = _paths(shown, cut, labels, settings, report)
    groups = [_group(layer, index, tuple(paths[index])) for index, layer in shown]
    report("vectorize", 1.0)
    size = _size_mm(stack, settings)
    return SvgDocument(stack.width, stack.height, tuple(groups), stack.name, size)


def _paths(
    shown: tuple[tuple[int, Layer], ...],
    cut: Areas,
    labels: NDArray[np.int32],
    settings: VectorizeSettings,
    report: Progress,
) -> dict[int, list[SvgPath]]:
    """Paths of each shown layer, by its index.

    Outlines are followed many areas at a time, and an area is forgotten once it is drawn.
    """
    paths: dict[int, list[SvgPath]] = {index: [] for index, _ in shown}
    areas: list[tuple[int, Area]] = []
    # Curves are refined against the whole drawing where all of it is traced in one go.
    whole = settings.mode != "cutout" and all(layer.blend == "normal" for _, layer in shown)

    def draw() -> None:
        picture = cut.picture if whole else None
        data = _outlines([area for _, area in areas], settings, labels.size, picture)
        for (index, area), text in zip(areas, data, strict=True):
            if text:
                paths[index].append(SvgPath(text, area.paint, area.opacity))
        areas.clear()

    for number, (index, layer) in enumerate(shown):
        report("vectorize", number / len(shown))
        own = cut.of(index)
        paths[index] = _as_drawn(layer, own, settings)
        if not paths[index]:
            areas += [(index, area) for area in own]
        del own
        whole = whole and not paths[index]
        held = sum(area.field.size for _, area in areas)
        # What is cut out of an area is known only once all above it are.
        if settings.mode != "cutout" and held > _MAX_HELD_PIXELS:
            whole = False
            draw()
            give_back_memory()
    if settings.mode == "cutout":
        areas = _cut_out(areas, labels.shape)
    draw()
    return paths


def _as_drawn(layer: Layer, areas: list[Area], settings: VectorizeSettings) -> list[SvgPath]:
    """Paths from the curves that the layer's file drew it with; none where it has to be traced."""
    if settings.mode == "cutout" or settings.tracer != "contour":
        return []
    sole = areas[0] if len(areas) == 1 else None
    drawn = drawn_paths(layer, sole.paint if sole else None, sole.opacity if sole else 1.0)
    shape = settings.tolerance, settings.corner_angle, settings.decimals
    return [SvgPath(path.data(*shape), path.paint, path.opacity) for path in drawn or ()]


def _group(layer: Layer, index: int, paths: tuple[SvgPath, ...]) -> SvgGroup:
    return SvgGroup(layer.name, index, paths, layer.group, layer.blend)


def _size_mm(stack: LayerStack, settings: VectorizeSettings) -> tuple[float, float] | None:
    """Width and height in millimetres: as asked for, or as the picture's resolution has it."""
    if settings.width_mm > 0.0:
        return settings.width_mm, settings.width_mm * stack.height / stack.width
    dpi = stack.meta.get("dpi")
    if not dpi:
        return None
    return _MM_PER_INCH * stack.width / dpi[0], _MM_PER_INCH * stack.height / dpi[1]


def _cut_out(areas: list[tuple[int, Area]], shape: tuple[int, ...]) -> list[tuple[int, Area]]:
    """Areas without what opaque ones above them cover."""
    covered = np.zeros(shape, np.float32)
    cut: list[tuple[int, Area]] = []
    for index, area in reversed(areas):
        rows, cols = area.field.shape
        part = covered[area.top : area.top + rows, area.left : area.left + cols]
        # Where one ends the other begins: both outlines are the same level of the same field.
        field = np.minimum(area.field, 1.0 - part)
        if area.opacity >= 1.0:
            np.maximum(part, area.field, out=part)
        cut.append((index, replace(area, field=field, mask=field > 0.5, seen=None)))
    return cut[::-1]


def _outlines(
    areas: list[Area],
    settings: VectorizeSettings,
    frame_area: int,
    picture: NDArray[np.float32] | None,
) -> list[str]:
    """Path data of each area, in a picture of so many pixels, which they make if it is told."""
    if settings.tracer == "vtracer":
        traced = [vtracer_outlines(a.mask, a.top, a.left, settings) for a in areas]
        return [path_data(own, settings.decimals, settings.tolerance) for own in traced]
    drafts = [area.rings() for area in areas]
    followed = [
        (area, *draft) for area, draft in zip(areas, drafts, strict=True) if draft is not None
    ]
    sure = [number for number, draft in enumerate(drafts) if draft is not None and draft[1]]
    drawing = None if picture is None else EdgeDrawing(picture, areas, sure)
    curves = iter(_curves(followed, settings, frame_area, drawing))
    return [
        pixel_runs(area.field > 0.5, area.top, area.left)
        if draft is None
        else path_data(next(curves), settings.decimals, settings.tolerance)
        for area, draft in zip(areas, drafts, strict=True)
    ]


def _curves(
    drafts: list[_Draft],
    settings: VectorizeSettings,
    frame_area: int,
    drawing: EdgeDrawing | None,
) -> list[list[NDArray[np.float64]]]:
    """Outlines of areas as cubics: the rings of all of them are followed in one go."""
    # A picture of a pixel or two is no speck.
    least = min(settings.despeckle, 0.5 * frame_area)
    rings = _rings(drafts, least)
    every = [ring for own in rings for ring in own]
    areas = [area for area, _, _ in drafts]
    weights = [w for a, own in zip(areas, rings, strict=True) for w in a.weights(own)]
    curves = follow_rings(every, settings.tolerance, settings.corner_angle, weights)
    sure = [number for number, (_, _, is_sure) in enumerate(drafts) if is_sure]
    return _refined(areas, sure, rings, curves, drawing)


def _rings(drafts: list[_Draft], least: float) -> list[list[NDArray[np.float64]]]:
    """Outlines of each area, without specks.

    Where coverage tells where they lie, they are moved, all at once, to cover what was measured.
    """
    areas = [area for area, _, _ in drafts]
    rings = [own for _, own, _ in drafts]
    thin = [n for n, (area, _, is_sure) in enumerate(drafts) if is_sure and area.fine.any()]
    owner = [place for place, number in enumerate(thin) for _ in rings[number]]
    moved = iter(match_coverage(
        [ring for number in thin for ring in rings[number]],
        [areas[number].field for number in thin], [areas[number].fine for number in thin], owner,
    ))  # fmt: skip
    for number in thin:
        rings[number] = [next(moved) for _ in rings[number]]
    return [area.keep(own, least) for area, own in zip(areas, rings, strict=True)]


def _refined(
    areas: list[Area],
    sure: list[int],
    rings: list[list[NDArray[np.float64]]],
    curves: list[NDArray[np.float64]],
    drawing: EdgeDrawing | None,
) -> list[list[NDArray[np.float64]]]:
    """Curves of each area's rings, those of sure areas moved to cover what was measured."""
    following = iter(curves)
    traced = [[next(following) for _ in own] for own in rings]
    chosen = [areas[number] for number in sure]
    owner = [place for place, number in enumerate(sure) for _ in traced[number]]
    refined = iter(refine_curves(
        [outline for number in sure for outline in traced[number]],
        [area.field for area in chosen], [area.seen for area in chosen],
        [(area.left, area.top) for area in chosen], owner, drawing,
    ))  # fmt: skip
    for number in sure:
        traced[number] = [next(refined) for _ in traced[number]]
    return traced
