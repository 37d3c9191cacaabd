"""Depth Pro as an ONNX file in half precision: the extension with CUDA runs it without torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_path
from illustrators_depth.networks.checkpoint import fit_state
from illustrators_depth.networks.depth_pro import DepthProNetwork
from illustrators_depth.networks.depth_pro_keys import read_public_tensors

from ..network_config import DepthProSizes
from .onnx_file import OPSET, without_traces

__all__ = ["HALF_TOLERANCE", "depth_pro_difference", "export_depth_pro", "load_depth_pro"]

HALF_TOLERANCE = 1e-2
"""Mean difference from torch in float32 that is accepted, as a share of the map's spread."""


class _HalfInside(nn.Module):
    """Half precision inside, float32 outside: (1, 3, S, S) -> (1, S, S)."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network.half()

    def forward(self, rgb: Tensor) -> Tensor:
        depth: Tensor = self.network(rgb.half())
        return depth.float()


def load_depth_pro(weights: Path, sizes: DepthProSizes | None = None) -> DepthProNetwork:
    """The network with a user's weights, in float32; InputError when they do not fit."""
    tensors = read_public_tensors(weights)
    with torch.device("meta"):
        network = DepthProNetwork((sizes or DepthProSizes()).config)
    state = fit_state(network, tensors, weights)
    network.load_state_dict(state, assign=True)
    return network.eval()


def export_depth_pro(network: DepthProNetwork, path: Path) -> None:
    """Write ONNX with weights and arithmetic in float16; the network is changed to half precision.

    Input `rgb` float32 (1, 3, S, S), sRGB 0..1; output `depth` float32 (1, S, S).

    Raises InputError when a weight is too large for half precision or the file cannot be written.
    """
    side = network.config.image
    largest = max(float(p.detach().abs().max()) for p in network.parameters())
    if not largest < float(torch.finfo(torch.float16).max):
        raise InputError("A weight of this Depth Pro is too large for half precision.")
    program = torch.onnx.export(
        _HalfInside(network).eval(),
        (torch.zeros(1, 3, side, side),),
        dynamo=True,
        opset_version=OPSET,
        input_names=["rgb"],
        output_names=["depth"],
        verbose=False,
    )
    assert program is not None
    model = without_traces(program.model_proto)
    with atomic_path(path, overwrite=True) as partial:
        onnx.save(model, str(partial))


def depth_pro_difference(network: DepthProNetwork, path: Path, seed: int = 0) -> float:
    """Mean |ONNX - torch in float32| on a random picture, as a share of the map's mean deviation.

    NaN, which is within no tolerance, where half precision overflows.
    """
    side = network.config.image
    rgb = np.random.default_rng(seed).random((1, 3, side, side), np.float32)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (got,) = session.run(["depth"], {"rgb": rgb})
    with torch.no_grad():
        want = network.float()(torch.from_numpy(rgb)).numpy()
    spread = max(float(np.abs(want - np.median(want)).mean()), 1e-6)
    return float(np.abs(got - want).mean() / spread)
