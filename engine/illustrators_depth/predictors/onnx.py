"""Networks in ONNX Runtime, without torch: the compact one, which is the default, and Depth Pro."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, UnavailableError, is_out_of_memory
from ..progress import Progress, no_progress
from ..regions.region_inputs import RegionInputs
from ..settings import DepthSettings
from ..threads import network_threads
from ..types import DepthMap, Image
from .cuda import CUDA_PROVIDER, cuda_problem, load_libraries
from .regional import AskBorders, Prepared, compose_depth, prepare
from .shipped import shipped_borders, shipped_model

__all__ = ["WORKING_SIZE", "OnnxPredictor", "load_onnxruntime"]

WORKING_SIZE = 192
"""Longest side that the network sees unless asked otherwise; measured in docs/training-log.md."""
_STRIDE = 32  # both sides of a picture are padded to a multiple of this
_CPU_PROVIDER = "CPUExecutionProvider"
# Larger models, such as Depth Pro, are slow on a CPU: "auto" takes a GPU for them where there is
# one.
_LARGE_MODEL_BYTES = 1 << 26
_log = logging.getLogger(__name__)
# Inputs of a model with a region stage.
_REGIONAL_INPUTS = {"rgb", "cover", "features", "pairs"}
# Platform -> what most often helps when ONNX Runtime cannot be loaded.
_REMEDIES = {
    "win32": "install Microsoft's Visual C++ Redistributable (x64) and start again",
    "darwin": "it needs macOS 13 or later: update macOS",
}


class OnnxPredictor:
    """Runs a network in ONNX Runtime, the exported compact one or Depth Pro.

    The model takes `rgb` and the region stage's inputs (`cover`, `features`, `pairs`) and gives
    `depth` and `regions`; a model without a region stage takes `rgb` and gives `depth` alone. One
    that takes a single size, as Depth Pro does, is given pictures of that size.

    Attributes:
        device: where it runs: "cpu" or "cuda:N".
        reason: why "auto" chose that, in one sentence; "" where the device was named.
        borders: the border network, which corrects the regions' order; None leaves it as it is.
        pooled: whether flat regions get one depth each; False gives the network's own map.

    Raises InputError for a file that is no depth model or takes another size, UnavailableError
    where ONNX Runtime or the device cannot be used.
    """

    def __init__(self, model: bytes, name: str, settings: DepthSettings, origin: str) -> None:
        self.name = name
        self._size, self._stride = settings.size or WORKING_SIZE, _STRIDE
        self._origin = origin
        onnxruntime = load_onnxruntime()
        choice = _choose_device(settings.device, onnxruntime, len(model) > _LARGE_MODEL_BYTES)
        self.device, self.reason = choice
        if self.reason:
            _log.info("%s", self.reason)
        onnxruntime.disable_telemetry_events()  # older Windows builds know no other way
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # Threads that spin while they wait slow everything else on a small machine.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.intra_op_num_threads = network_threads()
        options.enable_cpu_mem_arena = False  # keep the resident memory small between pictures
        try:
            self._session = onnxruntime.InferenceSession(
                model, options, providers=_providers(self.device)
            )
        except Exception as error:  # onnxruntime's exceptions share no public base class
            if is_out_of_memory(error):
                raise MemoryError(str(error)) from error
            raise InputError(
                f"{origin} is not a usable ONNX model ({str(error).splitlines()[0][:160]})."
            ) from error
        if self.device != "cpu" and CUDA_PROVIDER not in self._session.get_providers():
            raise UnavailableError(
                f"ONNX Runtime could not start CUDA for {origin}: its libraries do not fit this "
                "GPU or driver; update the driver, or use device='cpu'."
            )
        try:
            self._take_fixed_size(settings.size)
            inputs = {i.name for i in self._session.get_inputs()}
            outputs = {o.name for o in self._session.get_outputs()}
        except UnicodeDecodeError as error:  # the library does not check the names in a file
            raise InputError(
                f"{origin} is not a usable ONNX model (it has names that are not UTF-8)."
            ) from error
        self._regional = inputs == _REGIONAL_INPUTS and "regions" in outputs
        if not (self._regional or inputs == {"rgb"}) or "depth" not in outputs:
            raise InputError(
                f"{origin} is not a depth model of this package: it takes "
                f"{', '.join(sorted(inputs))} and gives {', '.join(sorted(outputs))}."
            )
        self.borders: AskBorders | None = shipped_borders() if self._regional else None
        self.pooled = True

    def _take_fixed_size(self, requested_size: int) -> None:
        """Work at the model's size where it takes only one; InputError if another was asked for."""
        shapes: dict[str, list[Any]] = {i.name: i.shape for i in self._session.get_inputs()}
        shape = shapes.get("rgb", [])
        if len(shape) != 4 or not all(isinstance(side, int) for side in shape):
            return
        side = shape[2]
        if shape[3] != side or requested_size not in (0, side):
            raise InputError(f"{self._origin} works at {side} pixels; leave the size at 0.")
        self._size = self._stride = side

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
        prepared = prepare(image, self._size, self._stride, not self._regional)
        progress("depth", 0.5)
        depth, values = self.run(prepared)
        progress("depth", 0.9)
        if self.pooled:
            result, confidence = compose_depth(prepared, depth, values, self.borders)
        else:
            result, confidence = prepared.fitted.restore(depth), None
        progress("depth", 1.0)
        result = np.ascontiguousarray(result, np.float32)
        return DepthMap(result, self.name, self.device, confidence)

    def run(self, prepared: Prepared) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """Run the network alone, on a picture from `prepare`.

        Returns dense depth, float32 (h, w), and the regions' depths, float32 (R,), or None without
        a region stage. Raises InputError when the model fails or answers with something else.
        """
        height, width = prepared.fitted.rgb.shape[1:]
        feeds = {"rgb": prepared.fitted.rgb[None]}
        if not self._regional:
            (depth,) = self._run_session(["depth"], feeds)
            return self._checked(depth, (1, height, width)), None
        if prepared.inputs is None:  # one region or none: the stage has nothing to compare
            empty = RegionInputs.empty(height, width)
            (depth,) = self._run_session(["depth"], feeds | empty.feeds())
            return self._checked(depth, (1, height, width)), None
        region_feeds = prepared.inputs.feeds()
        depth, values = self._run_session(["depth", "regions"], feeds | region_feeds)
        count = (1, region_feeds["features"].shape[1])
        return self._checked(depth, (1, height, width)), self._checked(values, count)

    def _run_session(self, outputs: list[str], feeds: dict[str, NDArray[Any]]) -> Sequence[Any]:
        """The model's outputs by name; InputError when it does not take a depth model's inputs."""
        try:
            answers: Sequence[Any] = self._session.run(outputs, feeds)
        except Exception as error:  # onnxruntime's exceptions share no public base class
            if is_out_of_memory(error):
                raise MemoryError(str(error)) from error
            raise InputError(
                f"{self._origin} cannot be used as a depth model "
                f"({str(error).splitlines()[0][:160]}); export it again."
            ) from error
        return answers

    def _checked(self, answer: Any, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """An output without its batch axis; InputError unless it is finite and of this shape."""
        values = np.asarray(answer)
        if values.shape != shape or values.dtype.kind not in "fiu":
            raise InputError(
                f"{self._origin} is not a depth model of this package: it answers with "
                f"{values.dtype} of shape {values.shape}, where numbers of shape {shape} are "
                "needed; export it again."
            )
        if not np.isfinite(values).all():
            raise InputError(
                f"{self._origin} answers with NaN or infinite numbers; export or train it again."
            )
        return np.asarray(values[0], np.float32)


def load_onnxruntime() -> ModuleType:
    """Import ONNX Runtime; UnavailableError, with cause and remedy, where it cannot be loaded."""
    try:
        import onnxruntime
    except (
        Exception
    ) as error:  # ImportError, and whatever other builds raise when they set themselves up
        if is_out_of_memory(error):
            raise MemoryError(str(error)) from error
        why = " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
        remedy = _REMEDIES.get(sys.platform, "reinstall onnxruntime (pip install onnxruntime)")
        raise UnavailableError(
            f"ONNX Runtime, which the compact model needs, cannot be loaded ({why}); {remedy}, or "
            "use the model 'heuristic', which needs no network."
        ) from error
    return onnxruntime


def _providers(device: str) -> list[Any]:
    """ONNX Runtime's providers for a device; the CPU runs operators that CUDA has no kernel for."""
    if device == "cpu":
        return [_CPU_PROVIDER]
    return [(CUDA_PROVIDER, {"device_id": int(device.partition(":")[2])}), _CPU_PROVIDER]


def _choose_device(device: str, onnxruntime: ModuleType, large: bool) -> tuple[str, str]:
    """The device's name, and why "auto" chose it.

    For the compact network "auto" is the CPU: it is fast there, and results do not depend on the
    GPU. For a large network it is the GPU where CUDA works.

    Raises UnavailableError for a named device that cannot be used.
    """
    if device == "cpu":
        return "cpu", ""
    if device == "auto":
        if not large:
            return "cpu", "auto chose the CPU: the compact network is quick there."
        problem = cuda_problem(onnxruntime)
        if problem:
            _log.warning("auto chose the CPU, which takes minutes for this model: %s.", problem)
            return "cpu", f"auto chose the CPU: {problem}."
        load_libraries(onnxruntime)
        return "cuda:0", "auto chose the GPU, on which CUDA works."
    if device.startswith("cuda"):
        problem = cuda_problem(onnxruntime)
        if problem:
            remedy = "" if "driver" in problem else "install illustrators-depth[cuda], or "
            raise UnavailableError(
                f"device={device!r} was asked for, but {problem}; {remedy}use device='cpu'."
            )
        load_libraries(onnxruntime)
        return f"cuda:{device.partition(':')[2] or '0'}", ""
    raise UnavailableError(f"An ONNX model cannot run on device={device!r}; use 'cpu' or 'cuda'.")
