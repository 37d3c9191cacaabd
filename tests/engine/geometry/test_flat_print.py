"""Face-down prints: one thickness, colours side by side and mirrored, a base over them."""

from __future__ import annotations

import manifold3d
import numpy as np
import pytest

from illustrators_depth.geometry import relief
from illustrators_depth.geometry.flat_print import BASE
from illustrators_depth.layering import decompose
from illustrators_depth.printing import check_print
from illustrators_depth.printing.sections import sealed
from illustrators_depth.settings import ReliefSettings
from illustrators_depth.types import LayerStack
from tests.engine.drawings import stacked_discs

FLAT = ReliefSettings(
    mode="flat", size_mm=160.0, thickness_mm=0.4, base_mm=0.8, layer_height_mm=0.2
)


@pytest.fixture(scope="module")
def stack() -> LayerStack:
    drawing = stacked_discs()
    return decompose(drawing.image, drawing.depth)


def test_parts_fill_the_face_and_carry_the_base(stack: LayerStack) -> None:
    mesh = relief(stack, FLAT)
    assert mesh.size_mm == pytest.approx((160.0, 128.0, 1.2), abs=1e-3)
    *faces, base = mesh.split()
    assert base.parts[0].name == BASE and base.vertices[:, 2].min() == pytest.approx(0.4)
    solids = [sealed(face) for face in faces]
    assert len(solids) == len(stack) and all(solid is not None for solid in solids)
    sections: list[manifold3d.CrossSection] = [s.slice(0.2) for s in solids if s is not None]
    assert sum(area.area() for area in sections) == pytest.approx(160.0 * 128.0, rel=1e-4)
    for n, one in enumerate(sections):
        for other in sections[n + 1 :]:
            assert (one ^ other).area() == pytest.approx(0.0, abs=0.5)


def test_it_is_mirrored_and_knows_where_it_is_in_the_picture(stack: LayerStack) -> None:
    mesh = relief(stack, FLAT)
    assert np.allclose(mesh.uv[:, 0], 1.0 - mesh.vertices[:, 0] / 160.0, atol=1e-4)
    top = stack.layers[-1]
    part = next(p for p in mesh.parts if p.layer == len(stack) - 1)
    columns = np.flatnonzero(top.visible.any(axis=0))
    expected = 160.0 - 160.0 * (columns.min() + columns.max() + 1) / 2.0 / stack.width
    x = mesh.vertices[part.vertices, 0]
    assert (x.min() + x.max()) / 2.0 == pytest.approx(expected, abs=0.6)


def test_the_check_finds_nothing_against_it(stack: LayerStack) -> None:
    report = check_print(stack, relief(stack, FLAT), FLAT)
    assert not report.errors
    assert {f.check for f in report.warnings} <= {"feature"}
