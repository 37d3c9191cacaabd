"""Pairs with their truth, the crops' store, and training that goes on where it stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from illustrators_depth.borders import border_pairs
from illustrators_depth.errors import InputError
from illustrators_depth_training.borders import train as training
from illustrators_depth_training.borders.export import install_border_network
from illustrators_depth_training.borders.pairs import FREE_WEIGHT, label_pairs, labelled_crops
from illustrators_depth_training.borders.store import CropStore, degrade, write_store
from illustrators_depth_training.borders.train import BorderTraining, accuracy, train_border
from illustrators_depth_training.procedural import make_scene
from illustrators_depth_training.samples.drawings import Drawing


def scenes(count: int) -> Iterator[Drawing]:
    for number in range(count):
        scene = make_scene(np.random.default_rng([7, number]), 96)
        yield Drawing(scene.rgb, scene.index, {})


def test_the_truth_of_a_pair_and_its_weight() -> None:
    index = np.ones((40, 60), np.int32)  # the page
    index[10:30, 5:30] = 2
    index[10:30, 30:55] = 3  # beside it
    index[15:25, 20:40] = 4  # over both
    labels = index - 1
    pairs = border_pairs(labels)
    chosen, above, weight = label_pairs(pairs, labels, index, np.array([[2, 4, 100, 30]]))
    told = {tuple(pairs.regions[p]): (a, w) for p, a, w in zip(chosen, above, weight, strict=True)}
    assert told[(1, 3)] == (0.0, 1.0)  # hides it: a fact
    assert told[(2, 3)] == (0.0, FREE_WEIGHT)  # not listed
    assert told[(1, 2)] == (0.0, FREE_WEIGHT)
    assert told[(0, 1)] == (0.0, 1.0)  # everything lies above the page


def test_regions_that_mix_layers_are_no_pairs() -> None:
    index = np.ones((20, 20), np.int32)
    index[:, 10:] = 2
    labels = (np.arange(20)[:, None] >= 10).astype(np.int32) + np.zeros((20, 20), np.int32)
    chosen, _, _ = label_pairs(border_pairs(labels), labels, index, None)
    assert len(chosen) == 0


def test_drawings_without_occlusions_are_used_all_the_same() -> None:
    drawing = next(scenes(1))
    rng = np.random.default_rng(0)
    pairs = labelled_crops(drawing.rgb, drawing.index, {"occlusions": []}, rng, 4)
    assert pairs is not None and 1 <= len(pairs.above) <= 4
    flat = np.full((32, 32, 3), 200, np.uint8)
    assert labelled_crops(flat, np.ones((32, 32), np.int32), {}, rng, 4) is None


def test_degraded_pictures_are_repeatable_and_not_the_same() -> None:
    rgb = next(scenes(1)).rgb
    for seed in range(8):
        one = degrade(rgb, np.random.default_rng(seed))
        np.testing.assert_array_equal(one, degrade(rgb, np.random.default_rng(seed)))
        assert one.shape == rgb.shape and (one != rgb).any()


def test_training_learns_resumes_and_is_exported(tmp_path: Path) -> None:
    count = write_store(scenes(12), tmp_path / "crops", 0, 12)
    store = CropStore.open(tmp_path / "crops")
    assert len(store) == count == len(store.context)
    said: list[str] = []
    how = BorderTraining(steps=30, batch=32, lr=3e-3, average=0.9)
    network = train_border(store, store, tmp_path / "run", how, said.append)
    assert accuracy(network, store) > 0.6  # it has seen these very pairs
    # Trained on, nothing is left to do: the checkpoint holds the last step.
    again = train_border(store, None, tmp_path / "run", how, said.append)
    assert said[-1].startswith("resumed at step 30")
    for old, new in zip(network.state_dict().values(), again.state_dict().values(), strict=True):
        torch.testing.assert_close(old, new)
    joined = CropStore.join([store, store])
    assert len(joined) == 2 * count
    assert len(np.unique(joined.drawing)) == 2 * len(np.unique(store.drawing))


def test_an_interrupted_run_ends_in_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_store(scenes(6), tmp_path / "crops", 0, 8)
    store = CropStore.open(tmp_path / "crops")
    how = BorderTraining(steps=6, batch=16, checkpoint_seconds=0.0)
    whole = train_border(store, None, tmp_path / "whole", how, lambda _: None)

    class InterruptionError(Exception):
        pass

    real, seen = training._batch, []

    def failing(*arguments: Any) -> dict[str, torch.Tensor]:
        seen.append(arguments)
        if len(seen) == 4:
            raise InterruptionError
        return real(*arguments)

    monkeypatch.setattr(training, "_batch", failing)
    with pytest.raises(InterruptionError):
        train_border(store, None, tmp_path / "halves", how, lambda _: None)
    assert (tmp_path / "halves" / "border.ckpt").is_file()
    halves = train_border(store, None, tmp_path / "halves", how, lambda _: None)
    for old, new in zip(whole.state_dict().values(), halves.state_dict().values(), strict=True):
        torch.testing.assert_close(old, new)


def test_a_folder_without_crops_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no finished crops"):
        CropStore.open(tmp_path)
    (tmp_path / "store.json").write_text("{}")
    (tmp_path / "context.npy").write_bytes(b"nothing")
    with pytest.raises(InputError, match="damaged"):
        CropStore.open(tmp_path)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"head.weight": torch.zeros(3)}, tmp_path / "other.safetensors")
    with pytest.raises(InputError):
        install_border_network(tmp_path / "other.safetensors", tmp_path, tmp_path / "out", "")
