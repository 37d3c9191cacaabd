"""Tells whether ONNX Runtime can use CUDA here, and loads the libraries installed beside it.

The CUDA build of ONNX Runtime lists its CUDA provider on every machine, and a session that cannot
use it runs on the CPU without an error. So driver and libraries are checked first.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

__all__ = ["CUDA_PROVIDER", "cuda_problem", "driver_problem", "library_folders", "load_libraries"]

CUDA_PROVIDER = "CUDAExecutionProvider"
_DRIVER = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
# A wheel of NVIDIA's puts its libraries into nvidia/NAME/lib, on Windows into nvidia/NAME/bin.
_FOLDER = "bin" if sys.platform == "win32" else "lib"


def cuda_problem(onnxruntime: ModuleType) -> str | None:
    """Why CUDA cannot be used by this ONNX Runtime here, as a clause; None when it can.

    Only the build and the driver are checked, which is quick. The libraries are loaded by
    `load_libraries`, once they are needed.
    """
    if CUDA_PROVIDER not in onnxruntime.get_available_providers():
        return "this ONNX Runtime has no CUDA support"
    return driver_problem(_built_for())


def driver_problem(min_version: int = 0) -> str | None:
    """Why NVIDIA's driver cannot be used, as a clause; None when it can.

    `min_version` is the major version of CUDA that it must support.
    """
    try:
        driver = ctypes.CDLL(_DRIVER)
    except OSError:
        return "no NVIDIA driver is installed"
    count, version = ctypes.c_int(0), ctypes.c_int(0)
    driver.cuDriverGetVersion(ctypes.byref(version))
    if version.value // 1000 < min_version:
        return (
            f"the NVIDIA driver knows CUDA {version.value // 1000}.{version.value % 1000 // 10}, "
            f"and {min_version}.0 is needed: update the driver"
        )
    if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)) or not count.value:
        return "the NVIDIA driver finds no GPU"
    return None


def library_folders(onnxruntime: ModuleType) -> list[Path]:
    """Folders of NVIDIA's wheels that are installed beside ONNX Runtime, in order of their names.

    In Blender's extension with CUDA that is Blender's own folder for the wheels of extensions.
    """
    beside = Path(str(onnxruntime.__file__)).parents[1] / "nvidia"
    return sorted(folder for folder in beside.glob(f"*/{_FOLDER}") if folder.is_dir())


def load_libraries(onnxruntime: ModuleType) -> str:
    """Load CUDA's and cuDNN's libraries from beside ONNX Runtime.

    Returns what went wrong, or "". Where there are none beside it, ONNX Runtime looks for the
    system's.
    """
    preload = getattr(onnxruntime, "preload_dlls", None)
    folders = library_folders(onnxruntime)
    if preload is None or not folders:
        return ""
    if sys.platform == "win32":
        for folder in folders:  # kept for the process: cuDNN loads parts of itself later
            os.add_dll_directory(str(folder))
    with _captured_stdout() as output:
        preload(directory="")
    return " ".join(output.getvalue().split())


def _built_for() -> int:
    """The major version of CUDA that ONNX Runtime was built for, or 0 where it does not say."""
    try:
        from onnxruntime.capi.build_and_package_info import cuda_version

        return int(str(cuda_version).partition(".")[0])
    except (ImportError, ValueError):
        return 0


@contextlib.contextmanager
def _captured_stdout() -> Iterator[io.StringIO]:
    """Capture what is printed: stdout is where the worker and the command line answer."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        yield output
