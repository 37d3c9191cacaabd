"""What sets the ablations apart, and how the processes of a reproduction share a test."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from mmsvg import AMBIGUOUS_EVERY, SMALL, node_packages, write_tables, write_weights
from stacks import random_shapes, stack_of, write_set

from illustrators_depth_training.learning.losses import LossWeights, depth_loss
from illustrators_depth_training.packed import pack_corpus
from illustrators_depth_training.reproduce import stages
from illustrators_depth_training.reproduce.settings import ABLATIONS, Reproduction
from illustrators_depth_training.reproduce.state import Place
from illustrators_depth_training.samples.drawings import DrawingSet

TINY: dict[str, Any] = {"accelerator": "cpu", "network": {"sizes": asdict(SMALL)}, "size": 512}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_weights(tmp_path_factory.mktemp("weights") / "depth_pro.pt")


def _differences(one: dict[str, Any], other: dict[str, Any], at: str = "") -> set[str]:
    """Names of the settings in which two trees differ."""
    found: set[str] = set()
    for name, value in one.items():
        place = f"{at}{name}"
        if isinstance(value, dict):
            found |= _differences(value, other[name], f"{place}.")
        elif isinstance(value, (list, tuple)) and value and isinstance(value[0], dict):
            for number, item in enumerate(value):
                found |= _differences(item, other[name][number], f"{place}.{number}.")
        elif value != other[name]:
            found.add(place)
    return found


def test_each_ablation_differs_from_the_full_training_in_one_thing(
    weights: Path, tmp_path: Path
) -> None:
    wanted = Reproduction(tmp_path, weights, tmp_path / "out", devices=1, overrides=TINY)
    runs = {name: asdict(wanted.training(name, 100)) for name in ABLATIONS}
    differ = {name: _differences(runs["full"], run) - {"name"} for name, run in runs.items()}
    assert differ == {
        "full": set(),
        "no_prior": {"network.prior"},
        "no_cleaning": {"sources.0.path"},
        "disparity": {"loss.space"},
    }
    assert runs["no_cleaning"]["sources"][0]["path"] == str(tmp_path / "out" / "data-uncleaned")
    # Validation stays on the cleaned drawings.
    assert runs["no_cleaning"]["validation"] == runs["full"]["validation"]


def test_disparity_is_another_target() -> None:
    """Each space's own map is without loss in it, and not in the other."""
    index = torch.from_numpy(stack_of(random_shapes(2, 64, 6), 2)[1])[None]
    maps = {"index": index.float(), "disparity": -1.0 / index.float()}
    for space in maps:
        for name, prediction in maps.items():
            loss = float(depth_loss(prediction, {"index": index}, LossWeights(space=space))[0])
            assert loss < 1e-6 if name == space else loss > 0.05


def test_cleaning_merges_and_discards_and_its_ablation_does_neither(
    weights: Path, tmp_path: Path
) -> None:
    node_packages()
    count = 4 * AMBIGUOUS_EVERY
    tables = write_tables(tmp_path, (range(count),))
    wanted = Reproduction(tables, weights, tmp_path / "out", devices=1, size=64, workers=1)
    clean = stages._build(wanted, "mmsvg", tables)["drawings"]
    raw = stages._build(wanted, "mmsvg_uncleaned", tables)["drawings"]
    assert clean["train"] + clean["val"] == count - count // AMBIGUOUS_EVERY
    assert not raw["val"] and raw["train"] > clean["train"]
    sets = [DrawingSet(wanted.out / name, "train") for name in ("data", "data-uncleaned")]
    layers = [{m["name"]: int(m["layers"]) for m in s.meta} for s in sets]
    both = set(layers[0]) & set(layers[1])
    assert len(both) == clean["train"], "the split is the same"
    # Two circles of one colour, one after the other: one layer when cleaned.
    assert np.mean([layers[1][name] - layers[0][name] for name in both]) > 0.8


def test_processes_share_a_test_and_go_on_from_what_was_measured(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = [stack_of(random_shapes(seed, 64), seed) for seed in range(7)]
    for split in ("train", "val"):
        write_set(tmp_path / "set", drawn, split, full_shapes=False)
    pack_corpus(tmp_path / "set", tmp_path / "corpus.pack", workers=1)

    def measured(out: Path, *places: Place) -> dict[str, Any]:
        wanted = Reproduction(
            tmp_path / "corpus.pack", weights, out, devices=1, size=64, overrides=TINY
        )
        for place in places:
            stages._evaluate(wanted, "depth_pro", "mmsvg", wanted.mmsvg, "val", place)
        report: dict[str, Any] = json.loads(
            (out / "evaluate" / "depth_pro-mmsvg.json").read_text("utf-8")
        )
        return report

    alone = measured(tmp_path / "one", Place())
    shared = measured(tmp_path / "three", *(Place(rank, 3) for rank in (2, 1, 0)))
    assert alone["pictures"] == shared["pictures"] == 7
    assert alone["mean"] == pytest.approx(shared["mean"], nan_ok=True)
    parts = sorted((tmp_path / "three" / "evaluate" / "parts").iterdir())
    numbers = [[p["number"] for p in json.loads(part.read_text("utf-8"))] for part in parts]
    assert sorted(map(len, numbers)) == [2, 2, 3]
    assert sorted(n for part in numbers for n in part) == list(range(7))

    # Killed after two of three shares: only the third is measured, and the whole is the same.
    (tmp_path / "three" / "evaluate" / "depth_pro-mmsvg.json").unlink()
    parts[0].unlink()
    asked: list[list[int]] = []
    evaluate: Callable[..., Any] = stages.evaluate

    def counting(predictor: object, drawings: object, own: list[int], *rest: str) -> Any:
        asked.append(own)
        return evaluate(predictor, drawings, own, *rest)

    monkeypatch.setattr(stages, "evaluate", counting)
    again = measured(tmp_path / "three", *(Place(rank, 3) for rank in (2, 1, 0)))
    assert asked == [numbers[0]] and again["mean"] == pytest.approx(shared["mean"], nan_ok=True)
