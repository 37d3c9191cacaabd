"""Depth Pro in half precision ONNX answers what torch answers, and the predictor takes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from illustrators_depth import predict_depth
from illustrators_depth.errors import InputError
from illustrators_depth.networks.depth_pro import DepthProNetwork
from illustrators_depth.settings import DepthSettings
from illustrators_depth_training.evaluation.dense import DensePredictor, dense_predictor
from illustrators_depth_training.export.depth_pro import (
    HALF_TOLERANCE,
    depth_pro_difference,
    export_depth_pro,
    load_depth_pro,
)
from illustrators_depth_training.network_config import DepthProSizes

SMALL = DepthProSizes(
    image=128, width=16, depth=2, heads=2, hooks=(0, 1), fine=8, levels=(8, 8, 8), last=4
)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(1)
    network = DepthProNetwork(SMALL.config)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn(parameter.shape) * 0.2)
    path = tmp_path_factory.mktemp("weights") / "depth_pro.pt"
    torch.save(network.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def exported(weights: Path) -> Path:
    path = weights.with_suffix(".onnx")
    export_depth_pro(load_depth_pro(weights, SMALL), path)
    return path


def test_it_answers_as_torch_does(weights: Path, exported: Path) -> None:
    difference = depth_pro_difference(load_depth_pro(weights, SMALL), exported)
    assert 0 < difference <= HALF_TOLERANCE
    # Half precision: two bytes for each of the weights.
    count = sum(p.numel() for p in load_depth_pro(weights, SMALL).parameters())
    assert exported.stat().st_size < 2.5 * 2 * count + 400_000


def test_the_predictor_works_at_its_size_alone(weights: Path, exported: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (40, 60, 3)).astype(np.uint8)
    depth = predict_depth(picture, model=str(exported))
    assert depth.shape == (40, 60) and depth.values.std() > 0
    with pytest.raises(InputError, match=r"depth_pro\.onnx works at 512 pixels; leave the size"):
        predict_depth(picture, settings=DepthSettings(model=str(exported), size=256))

    from illustrators_depth.io.pictures.read_image import read_image

    image = read_image(picture)
    dense = dense_predictor(str(exported)).predict(image).values
    want = DensePredictor(weights, sizes=SMALL).predict(image).values
    spread = np.abs(want - np.median(want)).mean()
    assert np.abs(dense - want).mean() <= HALF_TOLERANCE * spread
    assert np.abs(dense - want).max() <= 10 * HALF_TOLERANCE * spread


def test_weights_that_do_not_fit_are_one_sentence(weights: Path) -> None:
    with pytest.raises(InputError, match=r"depth_pro\.pt does not fit DepthProNetwork"):
        load_depth_pro(weights)
