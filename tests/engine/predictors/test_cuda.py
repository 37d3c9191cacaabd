"""CUDA in ONNX Runtime: what is said without a driver, and where its libraries are found."""

from __future__ import annotations

import ctypes
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnxruntime
import pytest

from illustrators_depth import predict_depth
from illustrators_depth.errors import UnavailableError
from illustrators_depth.predictors.cuda import (
    CUDA_PROVIDER,
    cuda_problem,
    driver_problem,
    library_folders,
)
from illustrators_depth.predictors.onnx import OnnxPredictor, _choose_device
from illustrators_depth.settings import DepthSettings
from illustrators_depth.worker.environment import device_notes, devices


def _has_driver() -> bool:
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return True


# What the CUDA build says of itself, with a driver or without.
CUDA_BUILD = SimpleNamespace(
    get_available_providers=lambda: [CUDA_PROVIDER, "CPUExecutionProvider"]
)
without_driver = pytest.mark.skipif(_has_driver(), reason="this machine has an NVIDIA driver")


@without_driver
def test_without_a_driver_cuda_is_one_sentence() -> None:
    assert cuda_problem(CUDA_BUILD) == "no NVIDIA driver is installed"  # type: ignore[arg-type]
    with pytest.raises(UnavailableError) as caught:
        _choose_device("cuda", CUDA_BUILD, False)  # type: ignore[arg-type]
    assert str(caught.value) == (
        "device='cuda' was asked for, but no NVIDIA driver is installed; use device='cpu'."
    )


@without_driver
def test_auto_says_that_it_chose_the_cpu_and_why(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        small = _choose_device("auto", CUDA_BUILD, False)  # type: ignore[arg-type]
        assert small == ("cpu", "auto chose the CPU: the compact network is quick there.")
        assert not caplog.records
        large = _choose_device("auto", CUDA_BUILD, True)  # type: ignore[arg-type]
    assert large == ("cpu", "auto chose the CPU: no NVIDIA driver is installed.")
    (said,) = caplog.records
    assert "no NVIDIA driver is installed" in said.getMessage()
    assert OnnxPredictor.shipped(DepthSettings()).reason.startswith("auto chose the CPU")
    assert OnnxPredictor.shipped(DepthSettings(device="cpu")).reason == ""


def test_a_build_without_cuda_names_the_remedy() -> None:
    if CUDA_PROVIDER in onnxruntime.get_available_providers():
        pytest.skip("this ONNX Runtime has CUDA")
    with pytest.raises(UnavailableError, match=r"no CUDA support; install illustrators-depth\["):
        predict_depth(np.zeros((8, 8, 3), np.uint8), device="cuda")
    assert "cuda" not in devices() and device_notes() == []


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({"init": 100, "count": 0, "version": 12040}, "the NVIDIA driver finds no GPU"),
        ({"init": 0, "count": 0, "version": 12040}, "the NVIDIA driver finds no GPU"),
        (
            {"init": 0, "count": 1, "version": 11040},
            "the NVIDIA driver knows CUDA 11.4, and 12.0 is needed: update the driver",
        ),
        ({"init": 0, "count": 1, "version": 12040}, "None"),
    ],
)
def test_a_driver_without_a_gpu_or_too_old(
    answers: dict[str, int], problem: str, tmp_path: Path
) -> None:
    """A library that answers as the driver does, compiled here and loaded in its place."""
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("needs a C compiler, on Linux")
    source = tmp_path / "cuda.c"
    source.write_text(
        f"int cuInit(unsigned flags) {{ return {answers['init']}; }}\n"
        f"int cuDriverGetVersion(int *v) {{ *v = {answers['version']}; return 0; }}\n"
        f"int cuDeviceGetCount(int *n) {{ *n = {answers['count']}; return 0; }}\n"
    )
    library = str(tmp_path / "libcuda.so.1")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, str(source)], check=True)
    code = (
        "from illustrators_depth.predictors.cuda import driver_problem; print(driver_problem(12))"
    )
    environment = {**os.environ, "LD_LIBRARY_PATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == problem


def test_libraries_are_looked_for_beside_onnx_runtime(tmp_path: Path) -> None:
    """Blender puts the wheels of all extensions into one folder, wherever it lies."""
    module = SimpleNamespace(__file__=str(tmp_path / "onnxruntime" / "__init__.py"))
    folder = "bin" if sys.platform == "win32" else "lib"
    for name in ("cudnn", "cublas"):
        (tmp_path / "nvidia" / name / folder).mkdir(parents=True)
    assert library_folders(module) == [  # type: ignore[arg-type]
        tmp_path / "nvidia" / name / folder for name in ("cublas", "cudnn")
    ]
    assert driver_problem(0) is None or "driver" in str(driver_problem(0))
