"""What the worker says of itself in its hello: versions, devices, models."""

from __future__ import annotations

import contextlib
import os
import platform
from importlib import metadata, util
from typing import Any

from ..predictors import MODELS
from ..predictors.cuda import CUDA_PROVIDER, cuda_problem
from .protocol import PROTOCOL

__all__ = ["device_notes", "devices", "hello", "versions"]

_PACKAGES = (
    "illustrators-depth",
    "numpy",
    "opencv-python-headless",
    "pillow",
    "onnxruntime",
    "onnxruntime-gpu",
    "torch",
)


def versions() -> dict[str, str]:
    """Versions of Python and of the installed packages that decide results; absent ones left out.

    Inside a Blender extension the engine may run without its package metadata: then it is simply
    not listed.
    """
    installed = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            installed[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return installed


def devices(*, torch: bool = False) -> list[str]:
    """Devices that networks can run on here, "cpu" first.

    Asks ONNX Runtime, which is quick, and with `torch=True` also torch, whose import takes seconds.
    """
    names = ["cpu"]
    # A package that is there and cannot be loaded has no devices; who uses it is told why.
    if util.find_spec("onnxruntime") is not None:
        with contextlib.suppress(Exception):
            import onnxruntime

            if cuda_problem(onnxruntime) is None:
                names.append("cuda")
    if torch and util.find_spec("torch") is not None:
        with contextlib.suppress(Exception):
            import torch as library

            if library.cuda.is_available():
                names += [f"cuda:{i}" for i in range(library.cuda.device_count())]
            if library.backends.mps.is_available():
                names.append("mps")
    return list(dict.fromkeys(names))


def device_notes() -> list[str]:
    """One sentence for each device that this build of the engine is made for and cannot use."""
    if util.find_spec("onnxruntime") is not None:
        with contextlib.suppress(Exception):
            import onnxruntime

            problem = cuda_problem(onnxruntime)
            if problem and CUDA_PROVIDER in onnxruntime.get_available_providers():
                return [f"CUDA is not used: {problem}."]
    return []


def hello() -> dict[str, Any]:
    """The worker's first line."""
    return {
        "type": "hello",
        "protocol": PROTOCOL,
        "versions": versions(),
        "devices": devices(),
        "models": dict(MODELS),
        "pid": os.getpid(),
    }
