"""Writes the compact network as ONNX, checks it against torch, and makes smaller variants."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from illustrators_depth.errors import InputError
from illustrators_depth.networks.compact import STRIDE, CompactNetwork

__all__ = ["export_onnx", "half_weights", "integer_weights", "largest_difference", "sha256"]

OPSET = 18
_SMALLEST_HALVED = 256  # elements; shorter initialisers stay float32


def export_onnx(network: CompactNetwork, path: Path) -> None:
    """Write float32 ONNX with dynamic height and width: `rgb` (1, 3, H, W) -> `depth` (1, H, W)."""
    network = network.eval()
    example = torch.rand(1, 3, 4 * STRIDE, 6 * STRIDE)
    rows, columns = (
        torch.export.Dim("rows", min=2, max=64),
        torch.export.Dim("columns", min=2, max=64),
    )
    program = torch.onnx.export(
        network,
        (example,),
        dynamo=True,
        opset_version=OPSET,
        input_names=["rgb"],
        output_names=["depth"],
        dynamic_shapes={"rgb": {2: STRIDE * rows, 3: STRIDE * columns}},
        verbose=False,
    )
    assert program is not None
    model = program.model_proto
    onnx.checker.check_model(model)
    partial = path.with_name(f".{path.name}.partial")
    onnx.save(model, str(partial))
    partial.replace(path)


def half_weights(source: Path, target: Path) -> None:
    """Store weights as float16 (half the file) and cast them to float32 when the model is loaded.

    ONNX Runtime folds the casts once, so that speed is that of float32.
    """
    model = onnx.load(str(source))
    graph = model.graph
    casts = []
    for tensor in list(graph.initializer):
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < _SMALLEST_HALVED:
            continue
        if np.abs(values).max() > np.finfo(np.float16).max:
            continue
        half = numpy_helper.from_array(values.astype(np.float16), f"{tensor.name}.half")
        casts.append(helper.make_node("Cast", [half.name], [tensor.name], to=TensorProto.FLOAT))
        graph.initializer.remove(tensor)
        graph.initializer.append(half)
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend(casts + nodes)
    del graph.value_info[:]
    onnx.checker.check_model(model)
    partial = target.with_name(f".{target.name}.partial")
    onnx.save(model, str(partial))
    partial.replace(target)


class _Pictures(CalibrationDataReader):
    """Feeds pictures to the calibration, one at a time."""

    def __init__(self, pictures: Iterable[NDArray[np.float32]]) -> None:
        self._left = iter(pictures)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        picture = next(self._left, None)
        return None if picture is None else {"rgb": picture[None]}


def integer_weights(source: Path, target: Path, pictures: Iterable[NDArray[np.float32]]) -> None:
    """Quantise convolutions and matrix products to 8 bits, calibrated on pictures (3, H, W)."""
    prepared = target.with_suffix(".prepared.onnx")
    partial = target.with_name(f".{target.name}.partial")
    try:
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(partial),
            _Pictures(pictures),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=["Conv", "MatMul"],
        )
        partial.replace(target)
    finally:
        prepared.unlink(missing_ok=True)
        partial.unlink(missing_ok=True)


def largest_difference(
    network: CompactNetwork, path: Path, pictures: Iterable[NDArray[np.float32]]
) -> float:
    """Largest |ONNX - torch| over pictures float32 (3, H, W), relative to each map's spread."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    network = network.eval()
    worst = 0.0
    for picture in pictures:
        (got,) = session.run(["depth"], {"rgb": picture[None]})
        with torch.no_grad():
            want = network(torch.from_numpy(picture[None])).numpy()
        if got.shape != want.shape:
            raise InputError(f"{path.name} answers {got.shape} where torch answers {want.shape}.")
        spread = max(float(np.abs(want - np.median(want)).mean()), 1e-6)
        worst = max(worst, float(np.abs(got - want).max()) / spread)
    return worst


def sha256(path: Path) -> str:
    """The file's SHA-256, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
