"""A picture as a plate of one thickness, its colours side by side, printed face down."""

from __future__ import annotations

from dataclasses import replace

from ..outlines.level_lines import level_lines
from ..settings import ReliefSettings
from ..types import LayerStack, Mesh
from .assemble import Piece, assemble
from .extrude import extrude
from .layer_heights import Heights, layer_heights
from .terrace_levels import relief_steps
from .terrace_mesh import LineNetwork

__all__ = ["BASE", "flat_heights", "flat_print"]

BASE = "base"
"""Name of the part that lies over all colours."""


def flat_heights(settings: ReliefSettings) -> Heights:
    """Heights of the face, `thickness_mm` from the bed up, and of the base above it.

    Both are rounded to printer layers, and fitted to `total_mm`, as the steps of a terraced relief.

    Raises InputError as `layer_heights` does.
    """
    as_steps = replace(
        settings,
        mode="terraced",
        base_mm=settings.thickness_mm,
        thickness_mm=settings.base_mm,
        layer_mm=(),
    )
    return layer_heights(2, as_steps)


def flat_print(stack: LayerStack, settings: ReliefSettings) -> Mesh:
    """What is seen of every step as a part of its own, all on the bed, and one base over them.

    Mirrored left to right, since the side that lies on the bed is the one that is looked at.

    Raises InputError as `relief_steps` and `flat_heights` do.
    """
    relief = relief_steps(stack, settings)
    face_top, base_top = flat_heights(settings).tops
    network = LineNetwork(level_lines(relief.levels, settings.smoothing, settings.simplify, stack))
    network.points[:, 0] = stack.width - network.points[:, 0]
    pieces = []
    for level, step in enumerate(relief.steps):
        rings = [network.points[ring[::-1]] for ring in network.shelf(level)]
        pieces.append(Piece(step.name, step.layer, step.color, *extrude(rings, 0.0, face_top)))
    rings = [network.points[ring[::-1]] for ring in network.outline(0)]
    pieces.append(Piece(BASE, -1, relief.steps[0].color, *extrude(rings, face_top, base_top)))
    mesh = assemble(stack, settings, [piece for piece in pieces if len(piece.faces)])
    uv = mesh.uv.copy()
    uv[:, 0] = 1.0 - uv[:, 0]
    return replace(mesh, uv=uv)
