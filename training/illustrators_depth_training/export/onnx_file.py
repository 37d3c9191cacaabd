"""Writes the compact network as an ONNX file, with PyTorch and the onnx package alone."""

from __future__ import annotations

import importlib.util
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from illustrators_depth.networks.compact import STRIDE, CompactNetwork
from illustrators_depth.networks.region_stage import RegionBatch
from illustrators_depth.regions.region_inputs import CELL, PAIR_FEATURES, REGION_FEATURES

__all__ = ["WithRegions", "example_inputs", "export_onnx", "without_traces"]

OPSET = 18


class WithRegions(nn.Module):
    """The network with the region stage's inputs as plain tensors, for one picture."""

    def __init__(self, network: CompactNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, rgb: Tensor, cover: Tensor, features: Tensor, pairs: Tensor
    ) -> tuple[Tensor, Tensor]:
        return self.network.with_regions(rgb, RegionBatch(cover, features, pairs))


def export_onnx(network: CompactNetwork, path: Path, quick: bool = False) -> None:
    """Write float32 ONNX, dynamic in the picture's size and the number of regions R.

    quick: by PyTorch's older exporter, which takes a second instead of half a minute; its model
    gives the same numbers and works through all pairs of regions instead of those that touch.

    Inputs: `rgb` (1, 3, H, W); `cover` (1, R, H/4, W/4), `features` (1, R, F), `pairs`
    (1, R, R, K), see `regions.region_inputs`. Outputs: `depth` (1, H, W), `regions` (1, R).
    """
    network = network.eval()
    example = {name: torch.from_numpy(v) for name, v in example_inputs(4, 6, 5).items()}
    # PyTorch's newer exporter needs a package of its own, which not every machine has.
    newer = not quick and importlib.util.find_spec("onnxscript") is not None
    model = _export_program(network, example) if newer else _export_trace(network, example)
    onnx.checker.check_model(model)
    partial = path.with_name(f".{path.name}.partial")
    onnx.save(model, str(partial))
    partial.replace(path)


def _export_program(network: CompactNetwork, example: dict[str, Tensor]) -> onnx.ModelProto:
    rows, columns = torch.export.Dim("rows", max=64), torch.export.Dim("columns", max=64)
    count = torch.export.Dim("count", min=2, max=1024)
    cells = STRIDE // CELL
    program = torch.onnx.export(
        WithRegions(network),
        tuple(example.values()),
        dynamo=True,
        opset_version=OPSET,
        input_names=list(example),
        output_names=["depth", "regions"],
        dynamic_shapes={
            "rgb": {2: STRIDE * rows, 3: STRIDE * columns},
            "cover": {1: count, 2: cells * rows, 3: cells * columns},
            "features": {1: count},
            "pairs": {1: count, 2: count},
        },
        verbose=False,
    )
    assert program is not None
    return without_traces(program.model_proto)


def _export_trace(network: CompactNetwork, example: dict[str, Tensor]) -> onnx.ModelProto:
    """The same through the older exporter, which follows one run and knows no lists of pairs."""
    network.regions.limit_neighbors(-1)
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        written = str(Path(folder) / "traced.onnx")
        warnings.simplefilter("ignore")
        torch.onnx.export(
            WithRegions(network),
            tuple(example.values()),
            written,
            dynamo=False,
            opset_version=OPSET,
            input_names=list(example),
            output_names=["depth", "regions"],
            dynamic_axes={
                "rgb": {2: "height", 3: "width"},
                "cover": {1: "count", 2: "cell_rows", 3: "cell_columns"},
                "features": {1: "count"},
                "pairs": {1: "count", 2: "count"},
                "depth": {1: "height", 2: "width"},
                "regions": {1: "count"},
            },
        )
        model = onnx.load(written)
    network.regions.limit_neighbors(0)
    return without_traces(model)


def without_traces(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model less the exporter's notes: source lines and paths of the machine that exported."""
    for graph in (model.graph, *model.functions):
        del graph.metadata_props[:]
        for item in (*graph.node, *graph.value_info):
            del item.metadata_props[:]
            item.doc_string = ""
    for value in (*model.graph.input, *model.graph.output, *model.graph.initializer):
        del value.metadata_props[:]
        value.doc_string = ""
    del model.metadata_props[:]
    return model


def example_inputs(rows: int, columns: int, count: int) -> dict[str, NDArray[np.float32]]:
    """Random inputs of the exported model: `rows` x `columns` blocks of 32 pixels, R = `count`."""
    rng = np.random.default_rng(0)
    height, width = STRIDE * rows, STRIDE * columns
    shapes = {
        "rgb": (1, 3, height, width),
        "cover": (1, count, height // CELL, width // CELL),
        "features": (1, count, REGION_FEATURES),
        "pairs": (1, count, count, PAIR_FEATURES),
    }
    return {name: rng.random(shape, np.float32) for name, shape in shapes.items()}
