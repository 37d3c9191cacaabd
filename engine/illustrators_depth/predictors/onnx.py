"""The compact network in ONNX Runtime: the default predictor, without torch."""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ..errors import InputError, UnavailableError
from ..nouns import DepthMap, Image
from ..settings import DepthSettings
from .base import Progress, no_progress
from .pooling import pool_regions
from .working_size import fit_picture

__all__ = ["OnnxPredictor"]

WORKING_SIZE = 256
"""Longest side that the network sees unless asked otherwise; measured in docs/results.md."""
_STRIDE = 32
_MODEL, _CARD = "compact.onnx", "compact.json"
_PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}


class OnnxPredictor:
    """Runs an ONNX model `rgb` (1, 3, h, w) in 0..1 -> `depth` (1, h, w), then pools regions."""

    def __init__(self, model: bytes, name: str, settings: DepthSettings, origin: str) -> None:
        self.name = name
        self._size = settings.size or WORKING_SIZE
        provider, self.device = _choose_provider(settings.device)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # Threads that spin while they wait slow everything else on a small machine.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.enable_cpu_mem_arena = False  # keep the resident memory small between pictures
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=[provider])
        except Exception as error:  # onnxruntime's exceptions share no public base class
            raise InputError(
                f"{origin} is not a usable ONNX model ({str(error).splitlines()[0][:160]})."
            ) from error
        inputs = [i.name for i in self._session.get_inputs()]
        outputs = [o.name for o in self._session.get_outputs()]
        if inputs != ["rgb"] or "depth" not in outputs:
            raise InputError(
                f"{origin} is not a depth model of this package: it takes {', '.join(inputs)} and "
                f"gives {', '.join(outputs)}; expected rgb -> depth."
            )

    @classmethod
    def shipped(cls, settings: DepthSettings) -> OnnxPredictor:
        """The model inside the package, checked against its checksum.

        Raises UnavailableError when the installation is damaged.
        """
        folder = resources.files("illustrators_depth") / "models"
        try:
            model = (folder / _MODEL).read_bytes()
            card = json.loads((folder / _CARD).read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError) as error:
            raise UnavailableError(
                "The shipped model is missing from the installation; reinstall illustrators-depth, "
                "or use model='heuristic'."
            ) from error
        if hashlib.sha256(model).hexdigest() != card.get("sha256"):
            raise UnavailableError(
                "The shipped model does not match its checksum; reinstall illustrators-depth."
            )
        return cls(model, "compact", settings, _MODEL)

    @classmethod
    def from_file(cls, path: Path, settings: DepthSettings) -> OnnxPredictor:
        """A model exported by `illustrators-depth-training export`."""
        return cls(path.read_bytes(), path.stem, settings, path.name)

    def predict(self, image: Image, progress: Progress = no_progress) -> DepthMap:
        """Depth at the picture's size, float32, larger = nearer."""
        progress("depth", 0.0)
        dense = self.predict_dense(image)
        progress("depth", 0.6)
        values = pool_regions(dense, image)
        progress("depth", 1.0)
        return DepthMap(np.ascontiguousarray(values, np.float32), self.name, self.device)

    def predict_dense(self, image: Image) -> NDArray[np.float32]:
        """The network's own answer at the picture's size, before regions are pooled."""
        fitted = fit_picture(image.over(), self._size, _STRIDE)
        (depth,) = self._session.run(["depth"], {"rgb": fitted.rgb[None]})
        return fitted.restore(np.asarray(depth[0], np.float32))


def _choose_provider(device: str) -> tuple[str, str]:
    """The ONNX Runtime provider and the device's name.

    "auto" is the CPU: the compact network is fast there, and every machine gives the same answer.
    """
    if device in ("auto", "cpu"):
        return _PROVIDERS["cpu"], "cpu"
    if device.startswith("cuda"):
        if _PROVIDERS["cuda"] in onnxruntime.get_available_providers():
            return _PROVIDERS["cuda"], "cuda:0"
        raise UnavailableError(
            "device='cuda' was asked for, but this ONNX Runtime has no CUDA support; install "
            "illustrators-depth[cuda], or use device='cpu'."
        )
    raise UnavailableError(
        f"The compact ONNX model cannot run on device={device!r}; use 'cpu' or 'cuda'."
    )
