"""LPIPS with AlexNet (Zhang et al. 2018), from weights that the user brings.

The published distance is: five ReLU outputs of AlexNet, normalised over channels, squared
differences weighted by a trained 1x1 "head" per output, averaged over pixels and summed. The heads
travel with torchmetrics (and with the lpips package); the AlexNet backbone does not, and nothing is
downloaded here.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Lpips", "find_heads"]

# torchvision's AlexNet: index in `features`, stride, padding; a 3x3 max pool precedes some.
_LAYERS = ((0, 4, 2, False), (3, 1, 2, True), (6, 1, 1, True), (8, 1, 1, False), (10, 1, 1, False))
_CHANNELS = (64, 192, 384, 256, 256)
_HEADS = (
    ("lpips", "weights/v0.1/alex.pth"),
    ("torchmetrics", "functional/image/lpips_models/alex.pth"),
)
# Of the network's input in -1..1, as published.
_SHIFT, _SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)


def find_heads() -> Path:
    """The file of the trained linear heads, from the lpips or the torchmetrics package.

    Raises UnavailableError when neither is installed.
    """
    for package, place in _HEADS:
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            file = Path(folder) / place
            if file.is_file():
                return file
    raise UnavailableError("LPIPS needs the linear heads of the lpips or torchmetrics package.")


class Lpips:
    """The distance between two pictures; 0 for equal ones.

    Args:
        backbone: a .pth file with torchvision's AlexNet state dict (`features.0.weight` ...).
        heads: the linear heads; those of an installed package by default.

    Raises InputError when a file is missing or holds something else.
    """

    def __init__(self, backbone: Path, heads: Path | None = None) -> None:
        weights = _load(backbone)
        lines = _load(heads or find_heads())
        self._convolutions: list[tuple[Tensor, Tensor, int, int, bool]] = []
        self._heads: list[Tensor] = []
        for number, ((at, stride, padding, pooled), channels) in enumerate(
            zip(_LAYERS, _CHANNELS, strict=True)
        ):
            weight = _entry(weights, f"features.{at}.weight", channels, backbone)
            bias = _entry(weights, f"features.{at}.bias", channels, backbone)
            self._convolutions.append((weight, bias, stride, padding, pooled))
            head = _entry(lines, f"lin{number}.model.1.weight", 1, heads or find_heads())
            self._heads.append(head.reshape(1, channels, 1, 1))

    def __call__(self, one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
        """Distance of two uint8 (H, W, 3) pictures of one size, at least 32 x 32."""
        import torch

        with torch.inference_mode():
            total = 0.0
            for a, b, head in zip(
                self._features(one), self._features(other), self._heads, strict=True
            ):
                total += float(((a - b) ** 2 * head).sum(dim=1).mean())
        return total

    def _features(self, picture: NDArray[np.uint8]) -> list[Tensor]:
        import torch
        from torch.nn import functional

        x = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None].float()
        shift, scale = (torch.tensor(v).reshape(1, 3, 1, 1) for v in (_SHIFT, _SCALE))
        x = (x / 127.5 - 1.0 - shift) / scale
        features = []
        for weight, bias, stride, padding, pooled in self._convolutions:
            if pooled:
                x = functional.max_pool2d(x, 3, 2)
            x = functional.relu(functional.conv2d(x, weight, bias, stride, padding))
            features.append(x / (x.square().sum(dim=1, keepdim=True).sqrt() + 1e-10))
        return features


def _load(path: Path) -> dict[str, Tensor]:
    import torch

    if not path.is_file():
        raise InputError(f"There is no file {path} with weights for LPIPS.")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds on a file that is no checkpoint
        raise InputError(f"{path.name} is not a PyTorch file of weights ({error}).") from error
    if not isinstance(state, dict):
        raise InputError(f"{path.name} holds no state dict; save the network's state_dict().")
    return state


def _entry(weights: dict[str, Tensor], key: str, outputs: int, path: Path) -> Tensor:
    value = weights.get(key)
    if value is None or value.shape[0] != outputs:
        raise InputError(f"{path.name} is not what LPIPS needs: {key} is missing or misshapen.")
    return value.float()
