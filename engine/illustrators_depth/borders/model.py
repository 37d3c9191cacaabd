"""The border network in ONNX Runtime: crops in, log odds out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..threads import network_threads
from .crops import BorderCrops

__all__ = ["BorderModel"]

# Pairs that the network looks at together: of more, what one of its layers hands to the next does
# not fit into the processor's cache.
_BATCH = 32


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
        """float32 (P,)."""
        whole: dict[str, NDArray[Any]] = {
            "context": crops.context,
            "ends": crops.ends,
            "features": crops.features,
        }
        logits = np.empty(len(crops.context), np.float32)
        for first in range(0, len(logits), _BATCH):
            some = slice(first, first + _BATCH)
            feeds = {name: array[some] for name, array in whole.items()}
            (logits[some],) = self._session.run(["logits"], feeds)
        return logits
