"""Sources of depth, one file each, and the function that makes one by name.

To add one, write a module with a class after `base.Predictor`, a line in `MODELS` and a branch in
`make_predictor`. Nothing heavy is imported until a predictor is asked for.
"""

from __future__ import annotations

from pathlib import Path

from ..errors import InputError
from ..io.user_path import user_path
from ..settings import DepthSettings
from .base import Predictor

__all__ = ["MODELS", "Predictor", "make_predictor"]

# Name -> one line about it, for the command `info` and Blender's panel.
MODELS = {
    "compact": "the small network that ships in the box (ONNX Runtime)",
    "depth-pro": "the full network (torch), from a checkpoint of your own",
    "heuristic": "no network: containment, area and junctions of flat regions",
}

_DEPTH_SUFFIXES = {".npy", ".exr", ".tif", ".tiff", ".png"}
_TORCH_SUFFIXES = {".pt", ".pth", ".ckpt", ".safetensors"}


def make_predictor(settings: DepthSettings) -> Predictor:
    """Build the predictor that `settings.model` names, by name or by a file's suffix.

    A path ending in .onnx runs in ONNX Runtime, .pt/.ckpt/.safetensors in torch, and a depth file
    (.npy, .exr, .tif, .png) is used as it is. Building may be slow (weights are read); the result
    can predict many pictures.

    Raises InputError for an unknown name or missing file, UnavailableError for a missing device or
    package.
    """
    settings.check()
    model = settings.model
    if model == "heuristic":
        from .heuristic import HeuristicPredictor

        return HeuristicPredictor()
    if model == "compact":
        from .onnx import OnnxPredictor

        return OnnxPredictor.shipped(settings)
    suffix = Path(model).suffix.lower()
    if model == "depth-pro":
        raise InputError(
            "The full network needs weights of your own: pass the checkpoint's path as the model, "
            "for example model='depth_pro.pt'."
        )
    if suffix == "":
        raise InputError(
            f"There is no model called {model!r}; choose one of {', '.join(MODELS)}, "
            "or pass the path of a checkpoint or of a depth file."
        )
    path = user_path(model)
    if not path.is_file():
        raise InputError(f"The model file {path} does not exist; check the path.")
    if suffix == ".onnx":
        from .onnx import OnnxPredictor

        return OnnxPredictor.from_file(path, settings)
    if suffix in _TORCH_SUFFIXES:
        from .torch import TorchPredictor

        return TorchPredictor.from_file(path, settings)
    if suffix in _DEPTH_SUFFIXES:
        from .precomputed import PrecomputedPredictor

        return PrecomputedPredictor.from_file(path)
    raise InputError(
        f"{path.name} is not a model that can be read; expected .onnx, .pt, .ckpt, .safetensors, "
        "or a depth file (.npy, .exr, .tif, .png)."
    )
