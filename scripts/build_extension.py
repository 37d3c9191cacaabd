"""Builds the Blender extension zip: the add-on, the engine as a wheel, and what the engine needs.

    .venv/bin/python scripts/build_extension.py [--out DIR] [--stage-only]

The tree is staged first (manifest beside the add-on's files, wheels below), then handed to
Blender's own builder and validator, which come with the bpy wheel and run without Blender's window.
This first form bundles wheels for the platform and Python it runs on.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADDON = ROOT / "illustrators_depth_addon"
# What the engine imports at run time and Blender does not ship. Never numpy: Blender's own counts.
WHEELS = (
    "opencv-python-headless",
    "pillow",
    "onnxruntime",
    "contourpy",
    "manifold3d",
    "trimesh",
)
EXIT_USER = 2


class BuildError(Exception):
    """Something a person has to mend, in one sentence."""


def pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise BuildError(f"pip {arguments[0]} failed: {last[0]}")


def collect_wheels(folder: Path) -> list[Path]:
    """The engine's wheel and those of its run-time packages, at the versions of this environment.

    Raises BuildError when one of them is not installed here or cannot be fetched.
    """
    from importlib import metadata

    folder.mkdir(parents=True)
    try:
        pinned = [f"{name}=={metadata.version(name)}" for name in WHEELS]
    except metadata.PackageNotFoundError as error:
        raise BuildError(f"{error} is not installed here; run `make relief` once.") from error
    pip("wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT / "engine"))
    pip("download", "--no-deps", "--only-binary", ":all:", "--dest", str(folder), *pinned)
    return sorted(folder.glob("*.whl"))


def stage(folder: Path) -> None:
    """Lay out the extension's source tree in an empty folder."""
    skip = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(ADDON, folder, dirs_exist_ok=True, ignore=skip)
    shutil.copy(ROOT / "LICENSE", folder / "LICENSE")
    wheels = collect_wheels(folder / "wheels")
    manifest = (ROOT / "blender_manifest.toml").read_text(encoding="utf-8")
    listed = "".join(f'  "./wheels/{path.name}",\n' for path in wheels)
    # Top-level keys must stand before the first table.
    head, table, tail = manifest.partition("[permissions]")
    manifest = f"{head}wheels = [\n{listed}]\n\n{table}{tail}"
    (folder / "blender_manifest.toml").write_text(manifest, encoding="utf-8")
    check(folder)


def check(folder: Path) -> None:
    """What Blender's validator does not see: missing wheels and texts that are refused online."""
    manifest = tomllib.loads((folder / "blender_manifest.toml").read_text(encoding="utf-8"))
    for wheel in manifest["wheels"]:
        if not (folder / wheel).is_file():
            raise BuildError(f"The manifest lists {wheel}, which is not there.")
    for text in (manifest["tagline"], *manifest["permissions"].values()):
        if len(text) > 64 or not re.search(r"[\w)\]]$", text):
            raise BuildError(f"{text!r} must be at most 64 characters with no full stop.")


def blender_ext() -> Path:
    """Blender's own extension tool, a plain Python program inside the bpy package."""
    import importlib.util

    spec = importlib.util.find_spec("bpy")
    home = Path(spec.origin).parent if spec and spec.origin else ROOT
    found = sorted(home.glob("*/scripts/addons_core/bl_pkg/cli/blender_ext.py"))
    if not found:
        raise BuildError("Blender's extension tool was not found; run `make relief` once.")
    return found[-1]


def build(source: Path, out: Path) -> Path:
    """Validate and zip a staged tree; returns the zip."""
    tool = blender_ext()
    out.mkdir(parents=True, exist_ok=True)
    for arguments in (
        ["validate", str(source)],
        ["build", "--source-dir", str(source), "--output-dir", str(out)],
    ):
        command = [sys.executable, str(tool), *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise BuildError(f"blender_ext {arguments[0]} failed: {done.stdout}{done.stderr}")
    manifest = tomllib.loads((source / "blender_manifest.toml").read_text(encoding="utf-8"))
    return out / f"{manifest['id']}-{manifest['version']}.zip"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="output folder (dist)")
    parser.add_argument(
        "--stage-only", action="store_true", help="only lay out DIR/illustrators_depth, no zip"
    )
    options = parser.parse_args()
    try:
        if options.stage_only:
            folder = options.out / "illustrators_depth"
            shutil.rmtree(folder, ignore_errors=True)
            stage(folder)
            print(f"Staged {folder}")
            return 0
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary) / "illustrators_depth"
            stage(folder)
            path = build(folder, options.out)
    except BuildError as error:
        print(f"Error: {error}", file=sys.stderr)
        return EXIT_USER
    print(f"Built {path} ({path.stat().st_size / 1e6:.1f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
