"""The extension with CUDA: its lock, its contents, and its libraries where the wheels are at hand.

The real wheels have 2 GB. They are used where `make extension ARGS="--variant cuda"` left them in
the cache; everything that needs no byte of them is tested with small wheels of the same names.
"""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from extension import lock, stage, wheels
from extension.platforms import PLATFORMS
from extension.variants import VARIANTS
from small_wheels import make_wheel

CUDA = VARIANTS["cuda"]


def test_its_lock_is_complete_and_the_default_has_no_cuda() -> None:
    locked = lock.read_lock(CUDA)
    names = {wheel.name for wheel in locked}
    assert {"onnxruntime-gpu", "nvidia-cudnn-cu12", "nvidia-cublas-cu12", "trimesh"} <= names
    assert "onnxruntime" not in names
    assert not any("nvidia" in w.name or "gpu" in w.name for w in lock.read_lock())
    for platform in CUDA.platforms:
        for python in PLATFORMS[platform].pythons:
            files = [w.file for w in locked if w.serves([platform], [python])]
            assert sum(f.startswith("onnxruntime_gpu-") for f in files) == 1
            stage.check_coverage(files, platform, [python])
    for wheel in locked:
        assert re.fullmatch(r"[0-9a-f]{64}", wheel.sha256), wheel.file
    assert "://" not in CUDA.lock.read_text()


@pytest.mark.parametrize("platform", CUDA.platforms)
def test_a_tree_with_its_wheels_passes_every_check(platform: str, tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    (folder / "wheels").mkdir(parents=True)
    served = [w for w in lock.read_lock(CUDA) if w.serves([platform], ["3.11", "3.13"])]
    names = stage.wheel_names([wheel.file for wheel in served])
    for wheel in served:
        make_wheel(folder / "wheels" / names[wheel.file])
    make_wheel(folder / "wheels" / f"illustrators_depth-{stage.engine_version()}-py3-none-any.whl")
    stage.write_manifest(folder, platform)
    stage.check(folder, platform, ["3.11", "3.13"])


def test_a_platform_without_cuda_is_one_sentence(tmp_path: Path) -> None:
    script = Path(stage.__file__).parents[1] / "build_extension.py"
    done = subprocess.run(
        [sys.executable, str(script), "--variant", "cuda", "--platform", "macos-arm64",
         "--out", str(tmp_path / "dist")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and not (tmp_path / "dist").exists()
    assert done.stderr.strip() == (
        "Error: There is no variant cuda for macos-arm64; choose linux-x64 or windows-x64."
    )


LOAD = """
import sys
sys.path.insert(0, sys.argv[1])
import onnxruntime
from illustrators_depth.predictors.cuda import cuda_problem, library_folders, load_libraries
print(onnxruntime.get_available_providers())
print("problem:", cuda_problem(onnxruntime))
print("folders:", len(library_folders(onnxruntime)))
print("said:", load_libraries(onnxruntime))
import ctypes, pathlib
capi = pathlib.Path(onnxruntime.__file__).parent / "capi"
ctypes.CDLL(str(capi / "libonnxruntime_providers_shared.so"), ctypes.RTLD_GLOBAL)
loaded = {line.split()[-1] for line in open("/proc/self/maps") if "/" in line}
for name in ("libcublas.so", "libcublasLt.so", "libcudnn.so", "libcufft.so", "libcurand.so",
             "libcudart.so", "libnvrtc.so"):
    print(name, sorted(path for path in loaded if name in path))
"""


@pytest.mark.slow
def test_libraries_come_from_beside_onnx_runtime(tmp_path: Path) -> None:
    """The real wheels, unpacked as Blender unpacks them; no system library is there to help."""
    python = ".".join(map(str, sys.version_info[:2]))
    needed = [
        wheel
        for wheel in lock.read_lock(CUDA)
        if wheel.name.startswith(("nvidia", "onnxruntime"))
        and wheel.serves(["linux-x64"], [python])
    ]
    paths = [wheels.cache_folder() / wheel.file for wheel in needed]
    if not sys.platform.startswith("linux") or not all(path.is_file() for path in paths):
        pytest.skip("the 2 GB of CUDA wheels are not in the cache")
    site = tmp_path / "site-packages"
    try:
        for path in paths:
            with zipfile.ZipFile(path) as archive:
                archive.extractall(site)
        done = subprocess.run(
            [sys.executable, "-c", LOAD, str(site)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        if site.is_dir():
            subprocess.run(["rm", "-r", str(site)], check=True)  # gigabytes: not left to pytest
    assert done.returncode == 0, done.stderr
    assert "CUDAExecutionProvider" in done.stdout
    assert "said: \n" in done.stdout, done.stdout
    for line in done.stdout.splitlines()[4:]:
        assert str(site) in line, line
