"""Layers keep their uid through edits, files and being taken apart once more."""

from __future__ import annotations

import json
import zipfile
from functools import lru_cache
from pathlib import Path

from illustrators_depth.editing import (
    bring_forward,
    carry_uids,
    delete,
    hide,
    insert,
    merge,
    recolor,
    rename,
    reorder,
    split,
)
from illustrators_depth.io.stack_file import load_stack, save_stack
from illustrators_depth.layering import decompose
from illustrators_depth.settings import DecomposeSettings
from illustrators_depth.types import LayerStack
from tests.engine.drawings import Drawing, stacked_discs


@lru_cache(maxsize=1)
def drawing() -> Drawing:
    return stacked_discs()


@lru_cache(maxsize=1)
def stack() -> LayerStack:
    return decompose(drawing().image, drawing().depth)


def uids(made: LayerStack) -> list[int]:
    return [layer.uid for layer in made]


def test_edits_keep_uids() -> None:
    assert uids(stack()) == [1, 2, 3, 4, 5, 6]
    assert uids(hide(rename(recolor(stack(), 1, (1.0, 0.0, 0.0)), 2, "x"), 3)) == uids(stack())
    assert uids(bring_forward(stack(), 0, 2)) == [2, 3, 1, 4, 5, 6]
    assert uids(reorder(stack(), [5, 4, 3, 2, 1, 0])) == [6, 5, 4, 3, 2, 1]
    assert uids(delete(stack(), [0, 4])) == [2, 3, 4, 6]


def test_a_merged_layer_is_the_one_it_is_named_after() -> None:
    merged = merge(stack(), [1, 3])
    kept = next(layer for layer in merged if layer.uid in (2, 4))
    assert kept.name == next(layer.name for layer in stack() if layer.uid == kept.uid)
    assert sorted(uids(merged)) == sorted({1, 3, 5, 6} | {kept.uid})


def test_new_layers_get_new_uids() -> None:
    added = insert(stack(), drawing().image, 3)
    assert uids(added) == [1, 2, 3, 7, 4, 5, 6]
    merged = merge(stack(), [4, 5])
    pieces = split(merged, 4, by="color", count=2)
    assert len(set(uids(pieces))) == len(pieces)
    assert merged.layers[4].uid in uids(pieces)


def test_files_keep_uids_and_old_ones_are_numbered(tmp_path: Path) -> None:
    moved = bring_forward(stack(), 0, 2)
    path = save_stack(moved, tmp_path / "a.idl")
    assert uids(load_stack(path)) == uids(moved)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members["stack.json"])
    for entry in manifest["layers"]:
        del entry["uid"]
    members["stack.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(tmp_path / "b.idl", "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    assert uids(load_stack(tmp_path / "b.idl")) == [1, 2, 3, 4, 5, 6]


def test_fewer_layers_carry_the_uids_of_those_they_are() -> None:
    old = stack()
    fewer = decompose(drawing().image, drawing().depth, DecomposeSettings(layers=4))
    carried = carry_uids(old, fewer)
    assert len(set(uids(carried))) == 4
    for layer in carried:
        partner = next((o for o in old if o.uid == layer.uid), None)
        if partner is None:
            assert layer.uid > 6
            continue
        shared = (layer.visible & partner.visible).sum()
        assert shared > 0.5 * (layer.visible | partner.visible).sum()
    again = carry_uids(carried, decompose(drawing().image, drawing().depth))
    assert len(set(uids(again))) == 6


def test_a_picture_of_another_size_carries_nothing() -> None:
    other = stacked_discs((96, 120))
    made = decompose(other.image, other.depth)
    assert min(uids(carry_uids(stack(), made))) > 6
