"""One solid with a step per layer, from level lines."""

from __future__ import annotations

from ..outlines.level_lines import level_lines
from ..settings import ReliefSettings
from ..types import LayerStack, Mesh
from .assemble import Piece, assemble
from .extrude import extrude
from .terrace_levels import relief_steps, step_heights
from .terrace_mesh import LineNetwork, terrace_surface

__all__ = ["terraced_solid"]


def terraced_solid(stack: LayerStack, settings: ReliefSettings) -> Mesh:
    """One printable solid: a base, and a step for every layer above the lowest that is seen.

    Step k covers every pixel whose shown layer is k or higher, so steps nest, nothing overhangs,
    and the total height is the base's and the steps' (see `step_heights`). With `split` each step
    is a part of its own, from the top of the one below to its own.

    Raises InputError as `relief_steps` and `step_heights` do.
    """
    relief = relief_steps(stack, settings)
    heights = step_heights(stack, relief.steps, settings)
    network = LineNetwork(level_lines(relief.levels, settings.smoothing, settings.simplify, stack))
    if not settings.split:
        vertices, faces = terrace_surface(network, heights.tops)
        return assemble(stack, settings, [Piece("relief", -1, (0.8, 0.8, 0.8), vertices, faces)])
    pieces = []
    for level, step in enumerate(relief.steps):
        rings = [network.points[ring] for ring in network.outline(level)]
        surface = extrude(rings, heights.bottoms[level], heights.tops[level])
        pieces.append(Piece(step.name, step.layer, step.color, *surface))
    return assemble(stack, settings, pieces)
