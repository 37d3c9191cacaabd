"""Runs the add-on's tests on several Blender versions, each in a virtual environment of its own.

    python3 scripts/test_blenders.py [4.2.0 4.2 4.5 ...] [--folder DIR]

A version is left out, with the reason, when no Python that its bpy wheel fits is found. Each
environment takes about 1 GB and is kept for the next run. Not part of `make test`, which runs the
same tests on one version.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
# Blender -> the Python its wheel is tied to, and the numpy it was built against.
# Of each line its first release and its newest.
VERSIONS = {
    "4.2.0": ("3.11", "numpy>=1.26,<2"),
    "4.2": ("3.11", "numpy>=1.26,<2"),
    "4.5.0": ("3.11", "numpy>=1.26,<2"),
    "4.5": ("3.11", "numpy>=1.26,<2"),
    "5.0.0": ("3.11", "numpy>=1.26,<2"),
    "5.0": ("3.11", "numpy>=1.26,<2"),
    "5.2.0": ("3.13", "numpy>=2.2,<3"),
    "5.2": ("3.13", "numpy>=2.2,<3"),
}
PACKAGES = (
    "opencv-python-headless==4.11.0.86",
    "pillow",
    "onnxruntime",
    "manifold3d",
    "trimesh",
    "openexr>=3.3",
    "psd-tools>=1.10",
    "resvg-py>=0.5",
    "pytest",
)
_EXIT_TIMEOUT_S = 30.0  # seconds from pytest's report to the end of the process
TESTS = ("tests/addon", "tests/engine/worker")


def find_python(version: str) -> str | None:
    """A Python of this version: the running one, one on PATH, or one of pyenv's."""
    if ".".join(map(str, sys.version_info[:2])) == version:
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [shutil.which(f"python{version}")]
    candidates += [
        str(p / "bin" / "python") for p in sorted(pyenv.glob(f"{version}.*"), reverse=True)
    ]
    for python in filter(None, candidates):
        probe = subprocess.run([python, "-c", "import venv"], check=False, capture_output=True)
        if probe.returncode == 0:
            return python
    return None


def prepare(folder: Path, blender: str, python: str, numpy: str) -> Path:
    """The environment's own Python, with everything installed."""
    environment_folder = folder / f"blender-{blender}"
    environment_python = environment_folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    stamp = environment_folder / "ready"
    if not stamp.is_file():
        subprocess.run([python, "-m", "venv", str(environment_folder)], check=True)
        wheel = blender if blender.count(".") == 2 else f"{blender}.*"
        install = [str(environment_python), "-m", "pip", "install", "--quiet"]
        subprocess.run([*install, f"bpy=={wheel}", numpy, *PACKAGES], check=True)
        stamp.touch()
    return environment_python


def run(command: list[str], environment: dict[str, str], report: Path) -> str:
    """Run the tests and say what they came to.

    A `bpy` module, unlike Blender itself, may crash (4.2) or hang (4.5) while its interpreter is
    torn down, since it frees its panels after Python is gone; pytest has written its report then.
    """
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    while not report.is_file():
        try:
            process.wait(1.0)
            break
        except subprocess.TimeoutExpired:
            continue
    try:
        code = process.wait(_EXIT_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        code = process.wait()
    if code == 0:
        return "passed"
    if code < 0 and report.is_file():
        suite = ElementTree.parse(report).getroot()[0].attrib
        if int(suite["tests"]) and suite["failures"] == suite["errors"] == "0":
            return f"passed; its Python module did not end cleanly ({code})"
    return f"FAILED ({code})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("versions", nargs="*", metavar="VERSION", help="default: all")
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path.home() / ".cache" / "illustrators-depth-tests",
        help="where the environments are kept",
    )
    options = parser.parse_args()
    outcome = {}
    for blender in options.versions or VERSIONS:
        if blender not in VERSIONS:
            print(f"Error: no Blender {blender}; known: {', '.join(VERSIONS)}.", file=sys.stderr)
            return 2
        python_version, numpy = VERSIONS[blender]
        python = find_python(python_version)
        if python is None:
            outcome[blender] = f"skipped: no Python {python_version} here"
            continue
        try:
            environment_python = prepare(options.folder, blender, python, numpy)
        except subprocess.CalledProcessError:
            outcome[blender] = "FAILED: could not be installed"
            continue
        print(f"== Blender {blender}", flush=True)
        # The tests' own processes find the engine and the add-on in the checkout.
        environment = dict(os.environ, PYTHONPATH=f"{ROOT / 'engine'}{os.pathsep}{ROOT}")
        report = options.folder / f"{blender}.xml"
        report.unlink(missing_ok=True)
        command = [
            *(str(environment_python), "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            f"--junitxml={report}",
            *TESTS,
        ]
        outcome[blender] = run(command, environment, report)
    for blender, result in outcome.items():
        print(f"Blender {blender}: {result}")
    return 1 if any(r.startswith("FAILED") for r in outcome.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
