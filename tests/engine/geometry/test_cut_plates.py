"""Prints cut for a smaller plate: closed pieces that fit it, lose only the clearance, and key."""

from __future__ import annotations

import manifold3d
import numpy as np
import pytest

from illustrators_depth.errors import InputError
from illustrators_depth.geometry import relief
from illustrators_depth.geometry.cut_plates import CLEARANCE_MM, KEY_MM, cut_for_plate
from illustrators_depth.geometry.plates import plate_pieces
from illustrators_depth.layering import decompose
from illustrators_depth.printing.sections import sealed
from illustrators_depth.settings import ReliefSettings
from illustrators_depth.types import Mesh
from tests.engine.drawings import stacked_discs


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    drawing = stacked_discs()
    stack = decompose(drawing.image, drawing.depth)
    return relief(stack, ReliefSettings(mode="terraced", size_mm=320.0))


def test_what_fits_is_left_alone(mesh: Mesh) -> None:
    assert cut_for_plate(mesh, ()) is mesh
    assert cut_for_plate(mesh, (320.0, 256.0)) is mesh


def test_pieces_fit_and_together_are_the_whole(mesh: Mesh) -> None:
    cut = cut_for_plate(mesh, (220.0, 220.0))
    assert [p.name for p in cut.parts] == ["relief 1-1", "relief 1-2", "relief 2-1", "relief 2-2"]
    solids = []
    for piece in cut.split():
        solid = sealed(piece)
        assert solid is not None and len(solid.decompose()) == 1
        assert piece.size_mm[0] <= 220.0 and piece.size_mm[1] <= 220.0
        solids.append(solid)
    assert cut.size_mm == pytest.approx(mesh.size_mm, abs=1e-3)
    whole = sealed(mesh)
    assert whole is not None
    volume = sum(solid.volume() for solid in solids)
    assert 0.985 * whole.volume() < volume < whole.volume()
    for n, one in enumerate(solids):
        for other in solids[n + 1 :]:
            assert (one ^ other).volume() == pytest.approx(0.0, abs=1e-3)
    # Keys: the left piece reaches past the seam, and cannot be pulled away from its neighbour.
    assert solids[0].bounding_box()[3] == pytest.approx(160.0 + KEY_MM - CLEARANCE_MM / 2, abs=0.01)
    assert (solids[0].translate((-4.0, 0.0, 0.0)) ^ solids[1]).volume() > 1.0


def test_uv_still_shows_the_picture(mesh: Mesh) -> None:
    cut = cut_for_plate(mesh, (220.0, 300.0))
    assert np.allclose(cut.uv, cut.vertices[:, :2] / [320.0, 256.0], atol=1e-3)


def test_keys_stand_only_where_there_is_material() -> None:
    tiles = plate_pieces((200.0, 100.0), (120.0, 120.0), 5.0)
    strip = manifold3d.CrossSection.square((200.0, 6.0))  # narrower than a key needs
    assert len(tiles) == 2
    assert [round(tile.cut(strip).area(), 6) for tile in tiles] == [600.0, 600.0]


def test_too_small_a_plate(mesh: Mesh) -> None:
    with pytest.raises(InputError, match="too small"):
        cut_for_plate(mesh, (30.0, 30.0))
