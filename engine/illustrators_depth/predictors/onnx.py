"""The compact network in ONNX Runtime: the default predictor, without torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ..errors import InputError, UnavailableError, is_out_of_memory
from ..networks.region_inputs import RegionInputs
from ..progress import Progress, no_progress
from ..settings import DepthSettings
from ..threads import network_threads
from ..types import DepthMap, Image
from .regional import AskBorders, Prepared, compose_depth, prepare
from .shipped import shipped_borders, shipped_model

__all__ = ["WORKING_SIZE", "OnnxPredictor"]

WORKING_SIZE = 192
"""Longest side that the network sees unless asked otherwise; measured in docs/training-log.md."""
_STRIDE = 32
_PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
_INPUTS = {"rgb", "cover", "features", "pairs"}


class OnnxPredictor:
    """Runs the exported compact network and gives every flat region one depth.

    The model takes `rgb` and the region stage's inputs (`cover`, `features`, `pairs`) and gives
    `depth` and `regions`; a model without a region stage takes `rgb` and gives `depth` alone.

    Attributes:
        borders: the border network, which corrects the regions' order; None leaves it as it is.
    """

    def __init__(self, model: bytes, name: str, settings: DepthSettings, origin: str) -> None:
        self.name = name
        self._size = settings.size or WORKING_SIZE
        provider, self.device = _choose_provider(settings.device)
        onnxruntime.disable_telemetry_events()  # older Windows builds know no other way
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # Threads that spin while they wait slow everything else on a small machine.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.intra_op_num_threads = network_threads()
        options.enable_cpu_mem_arena = False  # keep the resident memory small between pictures
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=[provider])
        except Exception as error:  # onnxruntime's exceptions share no public base class
            if is_out_of_memory(error):
                raise MemoryError(str(error)) from error
            raise InputError(
                f"{origin} is not a usable ONNX model ({str(error).splitlines()[0][:160]})."
            ) from error
        inputs = {i.name for i in self._session.get_inputs()}
        outputs = {o.name for o in self._session.get_outputs()}
        self._regional = inputs == _INPUTS and "regions" in outputs
        if not (self._regional or inputs == {"rgb"}) or "depth" not in outputs:
            raise InputError(
                f"{origin} is not a depth model of this package: it takes "
                f"{', '.join(sorted(inputs))} and gives {', '.join(sorted(outputs))}."
            )
        self.borders: AskBorders | None = shipped_borders() if self._regional else None

    @classmethod
    def shipped(cls, settings: DepthSettings) -> OnnxPredictor:
        """The model inside the package, checked against its checksum.

        Raises UnavailableError when the installation is damaged.
        """
        return cls(shipped_model("compact"), "compact", settings, "compact.onnx")

    @classmethod
    def from_file(cls, path: Path, settings: DepthSettings) -> OnnxPredictor:
        """A model exported by `illustrators-depth-training export`, or an InputError."""
        try:
            model = path.read_bytes()
        except OSError as error:
            raise InputError(
                f"The model {path} cannot be read ({error.strerror}); check its permissions."
            ) from error
        return cls(model, path.stem, settings, path.name)

    def predict(self, image: Image, progress: Progress = no_progress) -> DepthMap:
        """Depth at the picture's size, float32, larger = nearer."""
        progress("depth", 0.0)
        prepared = prepare(image, self._size, _STRIDE)
        progress("depth", 0.5)
        depth, values = self.run(prepared)
        progress("depth", 0.9)
        result, sure = compose_depth(prepared, depth, values, self.borders)
        progress("depth", 1.0)
        result = np.ascontiguousarray(result, np.float32)
        return DepthMap(result, self.name, self.device, sure)

    def run(self, prepared: Prepared) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """The network alone: dense depth (h, w) and, with a region stage, region depths (R,)."""
        feeds = {"rgb": prepared.fitted.rgb[None]}
        if not self._regional:
            (depth,) = self._session.run(["depth"], feeds)
            return np.asarray(depth[0], np.float32), None
        if prepared.inputs is None:  # one region or none: the stage has nothing to compare
            height, width = prepared.fitted.rgb.shape[1:]
            empty = RegionInputs.empty(height, width)
            (depth,) = self._session.run(["depth"], feeds | empty.feeds())
            return np.asarray(depth[0], np.float32), None
        depth, values = self._session.run(["depth", "regions"], feeds | prepared.inputs.feeds())
        return np.asarray(depth[0], np.float32), np.asarray(values[0], np.float32)


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
