"""Checks the compact network's ONNX file against torch, and makes smaller variants of it."""

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
from illustrators_depth.networks.compact import CompactNetwork

from .onnx_file import WithRegions, example_inputs, export_onnx, without_traces

__all__ = [
    "example_inputs",
    "export_onnx",
    "half_weights",
    "integer_weights",
    "largest_difference",
    "sha256",
    "without_traces",
]

_MIN_HALVED_ELEMENTS = 256  # elements; shorter initialisers stay float32


def half_weights(source: Path, target: Path) -> None:
    """Store weights as float16 (half the file) and cast them to float32 when the model is loaded.

    ONNX Runtime folds the casts once, so that speed is that of float32.
    """
    model = onnx.load(str(source))
    graph = model.graph
    casts = []
    for tensor in list(graph.initializer):
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < _MIN_HALVED_ELEMENTS:
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


Inputs = dict[str, NDArray[np.float32]]


class _Pictures(CalibrationDataReader):
    """Feeds pictures to the calibration, one at a time."""

    def __init__(self, pictures: Iterable[Inputs]) -> None:
        self._left = iter(pictures)

    def get_next(self) -> Inputs | None:
        return next(self._left, None)


def integer_weights(source: Path, target: Path, pictures: Iterable[Inputs]) -> None:
    """Quantise convolutions and matrix products to 8 bits, calibrated on the model's inputs."""
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


def largest_difference(network: CompactNetwork, path: Path, pictures: Iterable[Inputs]) -> float:
    """Largest |ONNX - torch| over inputs, of both outputs, relative to each map's spread."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    reference = WithRegions(network.eval())
    worst = 0.0
    for inputs in pictures:
        got = session.run(["depth", "regions"], inputs)
        with torch.no_grad():
            want = [x.numpy() for x in reference(*(torch.from_numpy(v) for v in inputs.values()))]
        spread = max(float(np.abs(want[0] - np.median(want[0])).mean()), 1e-6)
        for ours, theirs in zip(got, want, strict=True):
            if ours.shape != theirs.shape:
                raise InputError(f"{path.name} answers {ours.shape}, torch {theirs.shape}.")
            # Of numpy, since Python's max() drops a NaN that comes second.
            worst = float(np.maximum(worst, np.abs(ours - theirs).max() / spread))
    return worst


def sha256(path: Path) -> str:
    """The file's SHA-256, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
