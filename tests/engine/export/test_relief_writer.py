"""Reliefs as files by their ending: one per layer, coloured 3MF, height map."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

from illustrators_depth.errors import InputError
from illustrators_depth.export.relief_writer import (
    RELIEF_SUFFIXES,
    relief_for_output,
    write_relief,
)
from illustrators_depth.geometry import relief
from illustrators_depth.layering import decompose
from illustrators_depth.settings import ReliefSettings
from illustrators_depth.types import LayerStack
from tests.engine.drawings import stacked_discs

TERRACED = ReliefSettings(mode="terraced", size_mm=120.0, base_mm=0.8, thickness_mm=0.6)


@pytest.fixture(scope="module")
def stack() -> LayerStack:
    drawing = stacked_discs()
    return decompose(drawing.image, drawing.depth)


@pytest.mark.parametrize("settings", [TERRACED, ReliefSettings(size_mm=120.0)])
def test_one_stl_per_layer_has_a_common_origin(
    tmp_path: Path, stack: LayerStack, settings: ReliefSettings
) -> None:
    folder = write_relief(stack, settings, tmp_path / "parts")
    listing = json.loads((folder / "parts.json").read_text())
    whole = relief(stack, settings)
    pieces = [trimesh.load(folder / entry["file"]) for entry in listing["parts"]]
    assert [entry["name"] for entry in listing["parts"]] == [layer.name for layer in stack]
    assert all(piece.is_watertight and piece.volume > 0 for piece in pieces)
    low = np.min([piece.bounds[0] for piece in pieces], axis=0)
    high = np.max([piece.bounds[1] for piece in pieces], axis=0)
    assert np.allclose(low, whole.vertices.min(axis=0), atol=1e-4)
    assert np.allclose(high, whole.vertices.max(axis=0), atol=1e-4)
    for entry, piece in zip(listing["parts"], pieces, strict=True):
        assert piece.bounds[:, 2] == pytest.approx([entry["bottom_mm"], entry["top_mm"]])


def test_a_second_run_replaces_the_first(tmp_path: Path, stack: LayerStack) -> None:
    folder = write_relief(stack, TERRACED, tmp_path / "parts")
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="not empty"):
        write_relief(stack, TERRACED, folder)
    fewer = ReliefSettings.from_dict({**TERRACED.to_dict(), "max_steps": 2})
    write_relief(stack, fewer, folder, overwrite=True)
    names = sorted(p.name for p in folder.iterdir())
    assert len([n for n in names if n.endswith(".stl")]) == 2
    assert "notes.txt" in names


def test_3mf_through_lib3mf(tmp_path: Path, stack: LayerStack) -> None:
    lib3mf = pytest.importorskip("lib3mf", reason="lib3mf is not installed")
    path = write_relief(stack, TERRACED, tmp_path / "m.3mf")
    model = lib3mf.get_wrapper().CreateModel()
    reader = model.QueryReader("3mf")
    reader.SetStrictModeActive(True)
    reader.ReadFromFile(str(path))
    assert reader.GetWarningCount() == 0
    assert model.GetUnit() == lib3mf.ModelUnit.MilliMeter
    box = model.GetOutbox()
    expected = relief(stack, TERRACED).size_mm
    size = np.array(list(box.MaxCoordinate)) - np.array(list(box.MinCoordinate))
    assert size == pytest.approx(expected, abs=1e-4)
    objects = model.GetMeshObjects()
    assert objects.Count() == 1 and objects.MoveNext()
    solid = objects.GetCurrentMeshObject()
    assert solid.GetName() == stack.name and solid.IsManifoldAndOriented()
    parts = relief(stack, replace(TERRACED, split=True)).parts
    for part, layer in zip(parts, stack.layers, strict=True):
        for face in (part.faces.start, part.faces.stop - 1):
            properties = solid.GetTriangleProperties(face)
            materials = model.GetBaseMaterialGroupByID(properties.ResourceID)
            color = materials.GetDisplayColor(properties.PropertyIDs[0])
            shown = np.array([color.Red, color.Green, color.Blue])
            assert np.abs(shown - np.array(layer.color) * 255.0).max() <= 1.0
    assert model.HasPackageThumbnailAttachment()
    items = model.GetBuildItems()
    assert items.Count() == 1 and items.MoveNext()
    assert items.GetCurrent().GetObjectResource().IsMeshObject()


def test_auto_is_solid_for_printers_and_slabs_for_pictures(
    tmp_path: Path, stack: LayerStack
) -> None:
    for suffix, mode in ((".stl", "terraced"), (".3mf", "terraced"), (".glb", "stacked")):
        assert relief_for_output(ReliefSettings(), tmp_path / f"m{suffix}").mode == mode
    printed = trimesh.load(write_relief(stack, ReliefSettings(), tmp_path / "m.stl"))
    assert printed.body_count == 1 and printed.is_watertight


def test_refusals_come_before_any_work(tmp_path: Path, stack: LayerStack) -> None:
    with pytest.raises(InputError, match=r"\.stl"):
        write_relief(stack, TERRACED, tmp_path / "m.fbx")
    for suffix in RELIEF_SUFFIXES:
        (tmp_path / f"old{suffix}").write_text("old")
        with pytest.raises(InputError, match="exists"):
            write_relief(stack, TERRACED, tmp_path / f"old{suffix}")
        assert (tmp_path / f"old{suffix}").read_text() == "old"
