"""Illustrator's Depth: the layers of a flat illustration, in the order the artist stacked them.

    from illustrators_depth import predict_depth, decompose, relief

    depth = predict_depth("picture.png")        # depth.values: float32 HxW, larger = nearer
    stack = decompose("picture.png", depth)     # layers, bottom to top
    mesh = relief(stack)                        # closed slabs in millimetres

Names are loaded on first use, so that `import illustrators_depth` itself is quick.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .depth import DepthSession, predict_depth
    from .errors import Cancelled, EngineError, InputError, UnavailableError, WorkerError
    from .export.layers.layer_images import write_layers
    from .export.meshes.mesh_file import write_mesh
    from .export.relief_writer import write_relief
    from .export.stack_writer import write_stack
    from .geometry.relief import relief
    from .io.depth_file import read_depth, write_depth
    from .io.pictures.read_image import read_image
    from .io.stack_file import load_stack, save_stack
    from .layered import read_layers
    from .layering.decompose import decompose
    from .pipeline import predict_inside
    from .printing.check import check_print
    from .product_settings import PrinterSettings, VectorizeSettings
    from .settings import (
        CompleteSettings,
        DecomposeSettings,
        DepthSettings,
        ReadSettings,
        ReliefSettings,
        Settings,
    )
    from .tracing.vectorize import vectorize
    from .types import DepthMap, Image, Layer, LayerStack, Mesh, MeshPart

__version__ = "0.1.0"

# ONNX Runtime (1.29 and later, on every system) sends usage data to its makers unless this is set
# before it is loaded; this package sends nothing anywhere unless asked to.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

# Public name -> the module that defines it.
_HOMES = {
    "Cancelled": ".errors",
    "CompleteSettings": ".settings",
    "DecomposeSettings": ".settings",
    "DepthMap": ".types",
    "DepthSession": ".depth",
    "DepthSettings": ".settings",
    "EngineError": ".errors",
    "Image": ".types",
    "InputError": ".errors",
    "Layer": ".types",
    "LayerStack": ".types",
    "Mesh": ".types",
    "MeshPart": ".types",
    "PrinterSettings": ".product_settings",
    "ReadSettings": ".settings",
    "ReliefSettings": ".settings",
    "Settings": ".settings",
    "UnavailableError": ".errors",
    "VectorizeSettings": ".product_settings",
    "WorkerError": ".errors",
    "check_print": ".printing.check",
    "decompose": ".layering.decompose",
    "load_stack": ".io.stack_file",
    "predict_depth": ".depth",
    "predict_inside": ".pipeline",
    "read_depth": ".io.depth_file",
    "read_image": ".io.pictures.read_image",
    "read_layers": ".layered",
    "relief": ".geometry.relief",
    "save_stack": ".io.stack_file",
    "vectorize": ".tracing.vectorize",
    "write_depth": ".io.depth_file",
    "write_layers": ".export.layers.layer_images",
    "write_mesh": ".export.meshes.mesh_file",
    "write_relief": ".export.relief_writer",
    "write_stack": ".export.stack_writer",
}

__all__ = [
    "Cancelled",
    "CompleteSettings",
    "DecomposeSettings",
    "DepthMap",
    "DepthSession",
    "DepthSettings",
    "EngineError",
    "Image",
    "InputError",
    "Layer",
    "LayerStack",
    "Mesh",
    "MeshPart",
    "PrinterSettings",
    "ReadSettings",
    "ReliefSettings",
    "Settings",
    "UnavailableError",
    "VectorizeSettings",
    "WorkerError",
    "__version__",
    "check_print",
    "decompose",
    "load_stack",
    "predict_depth",
    "predict_inside",
    "read_depth",
    "read_image",
    "read_layers",
    "relief",
    "save_stack",
    "vectorize",
    "write_depth",
    "write_layers",
    "write_mesh",
    "write_relief",
    "write_stack",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(home, __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
