"""Checkpoints in PyTorch on CUDA, MPS or the CPU: the compact network or the full Depth Pro."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, UnavailableError
from ..progress import Progress, no_progress
from ..settings import DepthSettings
from ..threads import network_threads
from ..types import DepthMap, Image
from .regional import AskBorders, Prepared, compose_depth, prepare
from .shipped import shipped_borders

try:
    import torch
    from torch import Tensor, nn
except ImportError as error:  # pragma: no cover - the engine's tests have torch
    raise UnavailableError(
        "Checkpoints (.pt, .ckpt, .safetensors) need PyTorch; run "
        "`pip install illustrators-depth[torch]`, or use the model that ships: model='compact'."
    ) from error

from ..networks.compact import CompactNetwork
from ..networks.region_stage import RegionBatch

__all__ = ["TorchPredictor", "choose_device"]

_COMPACT_SIZE, _COMPACT_STRIDE = 192, 32
# Depth Pro encodes so many tiles at a time where less than this is free: all 35 need about 8 GB in
# half precision.
_TILES_IN_LITTLE_MEMORY, _MIN_FREE_BYTES = 5, 12 * 1024**3


class TorchPredictor:
    """Runs a network whose kind is read from the checkpoint's own parameter names.

    Attributes:
        device: where it runs: "cuda:N", "mps" or "cpu".
        borders: the border network, which corrects the regions' order; None leaves it as it is.
    """

    def __init__(
        self,
        network: nn.Module,
        name: str,
        device: str,
        size: int,
        stride: int,
        regional: bool = False,
    ) -> None:
        self.name, self.device = name, device
        self._size, self._stride, self._regional = size, stride, regional
        self.borders: AskBorders | None = shipped_borders() if regional else None
        if network_threads():
            torch.set_num_threads(network_threads())
        self._network = network.to(device).eval()
        self._network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @classmethod
    def from_file(cls, path: Path, settings: DepthSettings) -> TorchPredictor:
        """Load a checkpoint of the compact network or of Depth Pro.

        Depth Pro is read in the public layout (`depth_pro.pt`), as .safetensors, or in that of
        transformers; a checkpoint trained here in any of Lightning's precisions.

        Raises InputError when the file is damaged, unsafe or fits neither network, UnavailableError
        when the device is not there.
        """
        from ..networks.checkpoint import fit_state
        from ..networks.depth_pro_keys import read_public_tensors

        device = choose_device(settings.device)
        tensors = read_public_tensors(path)
        if any(name.startswith("encoder.patch_encoder.") for name in tensors):
            return cls._depth_pro(path, tensors, device, settings)
        compact = CompactNetwork()
        regional = any(name.startswith("regions.") for name in tensors)
        state = fit_state(compact, tensors, path, optional="regions.")
        compact.load_state_dict(state, strict=False)
        size = settings.size or _COMPACT_SIZE
        return cls(compact, path.stem, device, size, _COMPACT_STRIDE, regional)

    @classmethod
    def _depth_pro(
        cls, path: Path, tensors: Mapping[str, Tensor], device: str, settings: DepthSettings
    ) -> TorchPredictor:
        from ..networks.checkpoint import fit_state
        from ..networks.depth_pro import DepthProConfig, DepthProNetwork

        # The published network ends in a ReLU. Left out, values above zero are the same, and
        # networks trained here, which end linear, are not clipped.
        config = DepthProConfig(final_relu=False)
        if settings.size not in (0, config.image):
            raise InputError(f"Depth Pro works at {config.image} pixels; leave size at 0.")
        with torch.device("meta"):
            network = DepthProNetwork(config)
        half = torch.float16 if device.startswith("cuda") else torch.float32
        state = {k: v.to(half) for k, v in fit_state(network, tensors, path).items()}
        network.load_state_dict(state, assign=True)
        if _free_memory(device) < _MIN_FREE_BYTES:
            network.patch_batch = _TILES_IN_LITTLE_MEMORY
        return cls(network, path.stem, device, config.image, config.image)

    def predict(self, image: Image, progress: Progress = no_progress) -> DepthMap:
        """Depth at the picture's size, float32, larger = nearer.

        Raises UnavailableError when memory runs out, InputError when depth is not finite.
        """
        progress("depth", 0.0)
        prepared = prepare(image, self._size, self._stride, not self._regional)
        progress("depth", 0.3)
        try:
            with torch.inference_mode(), self._autocast():
                depth, values = self._run(prepared)
        except torch.cuda.OutOfMemoryError as error:
            raise UnavailableError(
                f"{self.device} has too little free memory for {self.name}; close other programs "
                "or use device='cpu'."
            ) from error
        if not np.isfinite(depth).all():
            raise InputError(
                f"{self.name} gave values that are not finite; the checkpoint is damaged or "
                "overflows half precision: try device='cpu'."
            )
        progress("depth", 0.9)
        result, confidence = compose_depth(prepared, depth, values, self.borders)
        progress("depth", 1.0)
        result = np.ascontiguousarray(result, np.float32)
        return DepthMap(result, self.name, self.device, confidence)

    def _run(self, prepared: Prepared) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """The network alone: dense depth (h, w) and, with a region stage, region depths (R,)."""
        weights = next(self._network.parameters())
        rgb = torch.from_numpy(prepared.fitted.rgb[None]).to(self.device, weights.dtype)
        if not self._regional or prepared.inputs is None:
            return self._network(rgb)[0].float().cpu().numpy(), None
        feeds = {k: torch.from_numpy(v).to(self.device) for k, v in prepared.inputs.feeds().items()}
        batch = RegionBatch(feeds["cover"], feeds["features"], feeds["pairs"])
        network = self._network
        assert isinstance(network, CompactNetwork)
        depth, values = network.with_regions(rgb, batch)
        return depth[0].float().cpu().numpy(), values[0].float().cpu().numpy()

    def _autocast(self) -> AbstractContextManager[object]:
        if self.device.startswith("cuda"):
            return torch.autocast("cuda", torch.float16)
        return nullcontext()


def choose_device(device: str) -> str:
    """The device to use: the one asked for, or for "auto" the best there is.

    Raises UnavailableError when the one asked for is not there, InputError for an unknown name.
    """
    cuda = torch.cuda.is_available()
    mps = torch.backends.mps.is_available()
    if device == "auto":
        return "cuda:0" if cuda else "mps" if mps else "cpu"
    if device == "cpu":
        return "cpu"
    if device == "mps":
        if not mps:
            raise UnavailableError("device='mps' was asked for, but this machine has no Metal GPU.")
        return "mps"
    if device == "cuda" or device.startswith("cuda:"):
        number = device.partition(":")[2] or "0"
        if not cuda:
            raise UnavailableError(
                f"device={device!r} was asked for, but PyTorch finds no CUDA GPU here; use "
                "device='cpu', or install a CUDA build of PyTorch."
            )
        if not number.isdigit() or int(number) >= torch.cuda.device_count():
            raise UnavailableError(
                f"device={device!r} was asked for, but there are {torch.cuda.device_count()} GPUs."
            )
        return f"cuda:{number}"
    raise InputError(f"device must be auto, cpu, cuda, cuda:N or mps, not {device!r}.")


def _free_memory(device: str) -> int:
    """Free memory of a device in bytes; 0 unless it is CUDA, where it can be told."""
    if device.startswith("cuda"):
        return int(torch.cuda.mem_get_info(device)[0])
    return 0
