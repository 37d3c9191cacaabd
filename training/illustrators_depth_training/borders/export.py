"""The border network as an ONNX file that takes crops as they are cut: bytes."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from illustrators_depth.borders.crops import CONTEXT_PX, END_PX, FEATURES, BorderCrops
from illustrators_depth.borders.model import BorderModel
from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_path
from illustrators_depth.networks.border_network import BorderNetwork
from illustrators_depth.networks.checkpoint import fit_state, read_tensors

from ..export.model_card import attribution
from ..export.onnx_export import sha256, without_traces
from ..output_files import output_folder
from ..samples.drawings import DrawingSet

__all__ = ["export_border_network", "install_border_network"]

TOLERANCE = 1e-3
"""Greatest difference of log odds between ONNX and torch that is accepted."""


class _FromBytes(nn.Module):
    """Takes uint8 crops, 0..255, where the network takes numbers from 0 to 1."""

    def __init__(self, network: BorderNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, context: Tensor, ends: Tensor, features: Tensor) -> Tensor:
        logits: Tensor = self.network(context.float() / 255.0, ends.float() / 255.0, features)
        return logits


def export_border_network(network: BorderNetwork, path: Path) -> None:
    """Write `path`, an ONNX model of any number of pairs P: context, ends, features -> logits."""
    # The exporter takes a size of one for a constant; the model serves any number all the same.
    pairs = torch.export.Dim("pairs", min=2, max=4096)
    example = (
        torch.zeros(3, 5, CONTEXT_PX, CONTEXT_PX, dtype=torch.uint8),
        torch.zeros(3, 2, 5, END_PX, END_PX, dtype=torch.uint8),
        torch.zeros(3, 2, FEATURES),
    )
    program = torch.onnx.export(
        _FromBytes(network.cpu().eval()),
        example,
        dynamo=True,
        input_names=["context", "ends", "features"],
        output_names=["logits"],
        dynamic_shapes={"context": {0: pairs}, "ends": {0: pairs}, "features": {0: pairs}},
        verbose=False,
    )
    assert program is not None
    model = without_traces(program.model_proto)
    onnx.checker.check_model(model)
    partial = path.with_name(f".{path.name}.partial")
    onnx.save(model, str(partial))
    partial.replace(path)


def install_border_network(weights: Path, data: Path, folder: Path, notes: str) -> float:
    """Write `borders.onnx` with its card into `folder`; returns the difference from torch.

    Raises InputError when the weights are not the border network's, or ONNX answers differently.
    """
    network = BorderNetwork()
    network.load_state_dict(fit_state(network, read_tensors(weights), weights))
    folder = output_folder(folder)
    with atomic_path(folder / "borders.onnx", overwrite=True) as partial:
        export_border_network(network, partial)
        difference = _largest_difference(network, partial)
        if not difference <= TOLERANCE:
            raise InputError(f"The exported network differs from torch by {difference:.1e}.")
    path = folder / "borders.onnx"
    card = {
        "name": "borders",
        "file": path.name,
        "sha256": sha256(path),
        "bytes": path.stat().st_size,
        "date": date.today().isoformat(),
        "licence": "GPL-3.0-or-later; see the training data's licences below",
        "input": "context, ends (uint8 crops) and features of P pairs "
        "(illustrators_depth.borders.crops)",
        "output": "logits (P,): log odds that the first region lies above the second",
        "notes": notes,
        "training_data": attribution(DrawingSet(data, "train")),
    }
    text = json.dumps(card, indent=1, ensure_ascii=False) + "\n"
    with atomic_path(folder / "borders.json", overwrite=True) as partial:
        partial.write_text(text, encoding="utf-8")
    return difference


def _largest_difference(network: BorderNetwork, path: Path) -> float:
    """Largest |ONNX - torch| in log odds over random crops of one, three and forty pairs."""
    model, rng = BorderModel(path.read_bytes()), np.random.default_rng(0)
    worst = 0.0
    for count in (1, 3, 40):
        crops = BorderCrops(
            rng.integers(0, 256, (count, 5, CONTEXT_PX, CONTEXT_PX), np.uint8),
            rng.integers(0, 256, (count, 2, 5, END_PX, END_PX), np.uint8),
            rng.random((count, 2, FEATURES), np.float32),
        )
        with torch.inference_mode():
            want = _FromBytes(network)(
                torch.from_numpy(crops.context),
                torch.from_numpy(crops.ends),
                torch.from_numpy(crops.features),
            ).numpy()
        worst = float(np.maximum(worst, np.abs(model(crops) - want).max()))
    return worst
