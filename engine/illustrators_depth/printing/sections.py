"""Cross-sections of a finished mesh, layer by layer, as areas to measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import manifold3d
import numpy as np

from ..types import Mesh

__all__ = ["Section", "area_below_width", "cut_sections", "sealed"]

# Corners sharper than this many times the offset are cut when an area shrinks and grows again.
_MITER = 8.0


@dataclass(frozen=True)
class Section:
    """What one layer of a print looks like from above.

    Attributes:
        name: of the layer it belongs to.
        bottom, top: heights in mm.
        area: the cross-section halfway between them.
    """

    name: str
    bottom: float
    top: float
    area: manifold3d.CrossSection


def sealed(mesh: Mesh) -> manifold3d.Manifold | None:
    """The mesh as a solid, points in one place made one as every STL reader does.

    Returns None when it is not closed and manifold.
    """
    points, number = np.unique(mesh.vertices, axis=0, return_inverse=True)
    faces = np.ravel(number)[mesh.faces]
    a, b, c = faces.T
    faces = faces[(a != b) & (b != c) & (c != a)]
    solid = manifold3d.Manifold(
        manifold3d.Mesh64(
            vert_properties=np.ascontiguousarray(points, np.float64),
            tri_verts=np.ascontiguousarray(faces, np.uint64),
        )
    )
    fine = solid.status() == manifold3d.Error.NoError and solid.volume() > 0.0
    return solid if fine else None


def cut_sections(
    solids: Sequence[manifold3d.Manifold],
    names: Sequence[str],
    heights: Sequence[tuple[float, float]],
) -> list[Section]:
    """Cut each layer halfway up.

    Args:
        solids: one for all layers, or one per layer.
        names: of the layers, bottom to top.
        heights: bottom and top of each, mm.
    """
    sections = []
    for index, (name, (bottom, top)) in enumerate(zip(names, heights, strict=True)):
        solid = solids[index] if len(solids) > 1 else solids[0]
        sections.append(Section(name, bottom, top, solid.slice((bottom + top) / 2.0)))
    return sections


def area_below_width(area: manifold3d.CrossSection, width: float) -> float:
    """How much of an area, mm2, lies in parts narrower than `width` mm.

    That is what a morphological opening takes away; corners stay, however sharp, as far as they are
    corners of something wide enough.
    """
    half = width / 2.0
    join = manifold3d.JoinType.Miter
    opened = area.offset(-half, join, _MITER).offset(half, join, _MITER)
    return max(0.0, area.area() - (area ^ opened).area())
