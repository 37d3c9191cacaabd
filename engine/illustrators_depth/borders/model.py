"""The border network in ONNX Runtime: crops in, log odds out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..threads import network_threads
from .crops import BorderCrops

__all__ = ["BorderModel"]

# Pairs that the network sees at a time: activations of more do not fit the processor's cache.
_BATCH_PAIRS = 32


class BorderModel:
    """Log odds that the first region of each pair lies above the second.

    Args:
        model: an ONNX file's bytes, as `illustrators-depth-training export-border` writes it.
    """

    def __init__(self, model: bytes) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.intra_op_num_threads = network_threads()
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, crops: BorderCrops) -> NDArray[np.float32]:
        """Log odds, float32 (P,), of P pairs."""
        inputs: dict[str, NDArray[Any]] = {
            "context": crops.context,
            "ends": crops.ends,
            "features": crops.features,
        }
        logits = np.empty(len(crops.context), np.float32)
        for first in range(0, len(logits), _BATCH_PAIRS):
            batch = slice(first, first + _BATCH_PAIRS)
            feeds = {name: array[batch] for name, array in inputs.items()}
            (logits[batch],) = self._session.run(["logits"], feeds)
        return logits
