"""The extension's source tree, the checks that Blender's validator leaves out, and the zips."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .errors import BuildError
from .licences import collect_licences
from .lock import CPU, ROOT, read_lock
from .platforms import PLATFORMS
from .variants import Variant
from .wheels import cache_folder, fetch, pack_all

__all__ = ["build", "check", "stage"]

ADDON = ROOT / "illustrators_depth_addon"
# Packages that come with Blender. A bundled copy would be found before Blender's own.
BLENDER_SHIPS = (
    *("numpy", "requests", "urllib3", "certifi", "idna", "charset_normalizer"),
    *("zstandard", "cython", "setuptools", "pip"),
)
PERMISSIONS = {"files", "network", "clipboard", "camera", "microphone"}
KEYS = {
    *("schema_version", "id", "version", "name", "tagline", "maintainer", "type", "tags"),
    *("blender_version_min", "blender_version_max", "license", "copyright", "website"),
    *("permissions", "platforms", "wheels", "build"),
}


def stage(
    folder: Path,
    platform: str,
    pythons: Sequence[str],
    engine: Path,
    packed: bool,
    variant: Variant = CPU,
) -> None:
    """Lay out the extension for one platform: add-on, manifest, wheels, licences.

    Args:
        folder: made here.
        platform: a name of PLATFORMS.
        pythons: those of the Blender versions that it shall run in.
        engine: the engine's wheel.
        packed: whether wheels are packed tighter; False leaves them byte for byte as published.
        variant: what is bundled.
    """
    skip = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(ADDON, folder, ignore=skip)
    shutil.copy(ROOT / "LICENSE", folder / "LICENSE")
    wheels = [wheel for wheel in read_lock(variant) if wheel.serves([platform], pythons)]
    cache = cache_folder()
    fetched = fetch(wheels, cache)
    collect_licences(folder / "THIRD-PARTY", fetched.items())
    home = folder / "wheels"
    home.mkdir()
    shutil.copy(engine, home / engine.name)
    packed_paths = pack_all(fetched.values(), cache) if packed else {p: p for p in fetched.values()}
    names = wheel_names([path.name for path in packed_paths.values()])
    for path in packed_paths.values():
        shutil.copy(path, home / names[path.name])
    write_manifest(folder, platform)
    check(folder, platform, pythons)


def wheel_names(files: Sequence[str]) -> dict[str, str]:
    """File name -> name in the zip, so that Blender 4.2.0 installs the wheels for its Python 3.11.

    Later versions take the wheel that fits. The first ones take the file name that sorts last among
    wheels of a package and version: those for later Pythons get a build tag, which sorts before.
    """
    for_first = {name.partition("-")[0] for name in files if "-cp311-" in name}
    renamed = {}
    for name in files:
        package, version, *tags = name.split("-")
        tagged = package in for_first and len(tags) == 3 and tags[0] != "cp311"
        renamed[name] = "-".join([package, version, *(["0"] if tagged else []), *tags])
    return renamed


def write_manifest(folder: Path, platform: str) -> None:
    manifest = (ROOT / "blender_manifest.toml").read_text(encoding="utf-8")
    wheels = sorted((folder / "wheels").glob("*.whl"))
    listed = "".join(f'  "./wheels/{path.name}",\n' for path in wheels)
    # Top-level keys must stand before the first table.
    head, table, tail = manifest.partition("[permissions]")
    text = f'{head}platforms = ["{platform}"]\nwheels = [\n{listed}]\n\n{table}{tail}'
    (folder / "blender_manifest.toml").write_text(text, encoding="utf-8")


def read_manifest(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "blender_manifest.toml").read_text(encoding="utf-8"))


def check(folder: Path, platform: str, pythons: Sequence[str]) -> None:
    """What Blender's validator does not see; BuildError names the first fault.

    Unknown keys and permissions, texts that are refused online, a version other than the engine's,
    wheels that are absent, unlisted, unreadable or Blender's own, and a Python that one of the
    packages has no wheel for (the extension would then not enable).
    """
    manifest = read_manifest(folder)
    if unknown := set(manifest) - KEYS:
        raise BuildError(
            f"The manifest has a key that Blender does not know: {sorted(unknown)[0]}."
        )
    if unknown := set(manifest.get("permissions", {})) - PERMISSIONS:
        raise BuildError(f"Blender knows no permission called {sorted(unknown)[0]!r}.")
    for text in (manifest["tagline"], *manifest.get("permissions", {}).values()):
        if len(text) > 64 or not re.search(r"[\w)\]]$", text):
            raise BuildError(f"{text!r} must be at most 64 characters with no full stop.")
    if manifest["platforms"] != [platform] or platform not in PLATFORMS:
        raise BuildError(f"The manifest is for {manifest['platforms']}, not for {platform}.")
    if manifest["version"] != engine_version():
        raise BuildError(
            f"The manifest says version {manifest['version']}, the engine {engine_version()}."
        )
    check_wheels(folder, manifest["wheels"])
    check_coverage([Path(wheel).name for wheel in manifest["wheels"]], platform, pythons)


def engine_version() -> str:
    """`__version__` of the engine, read from its source: building needs no engine installed."""
    source = (ROOT / "engine" / "illustrators_depth" / "__init__.py").read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__version__":
            return str(ast.literal_eval(node.value))
    raise BuildError("The engine has no __version__.")


def check_wheels(folder: Path, listed: Sequence[str]) -> None:
    for name in listed:
        if not (folder / name).is_file():
            raise BuildError(f"The manifest lists {name}, which is not there.")
        if not zipfile.is_zipfile(folder / name):
            raise BuildError(f"{name} is not a wheel (not a zip archive).")
        package = Path(name).name.partition("-")[0].lower()
        if package in BLENDER_SHIPS:
            raise BuildError(f"{package} comes with Blender and must not be bundled.")
    present = {f"./wheels/{path.name}" for path in (folder / "wheels").iterdir()}
    if extra := present - set(listed):
        raise BuildError(f"{sorted(extra)[0]} is there but the manifest does not list it.")


def check_coverage(files: Sequence[str], platform: str, pythons: Sequence[str]) -> None:
    """Every package has a wheel for every Blender that the zip is for."""
    names = {file.partition("-")[0] for file in files}
    for python in (p for p in PLATFORMS[platform].pythons if p in pythons):
        fitting = {f.partition("-")[0] for f in files if fits(f, platform, python)}
        if missing := names - fitting:
            raise BuildError(f"{min(missing)} has no wheel for {platform} with Python {python}.")


def fits(file: str, platform: str, python: str) -> bool:
    """Whether a wheel's name promises to run there (PEP 427, abi3 included)."""
    interpreter, abi, tags = file.removesuffix(".whl").split("-")[-3:]
    short = python.replace(".", "")
    speaks = abi == "abi3" or any(t in (f"cp{short}", "py3") for t in interpreter.split("."))
    runs = tags == "any" or any(tag in PLATFORMS[platform].tags for tag in tags.split("."))
    return speaks and runs


def blender_ext() -> Path:
    """Blender's own extension tool, a plain Python program inside the bpy package."""
    import importlib.util

    spec = importlib.util.find_spec("bpy")
    home = Path(spec.origin).parent if spec and spec.origin else ROOT
    tools = sorted(home.glob("*/scripts/addons_core/bl_pkg/cli/blender_ext.py"))
    if not tools:
        raise BuildError("Blender's extension tool was not found; run `make relief` once.")
    return tools[-1]


def build(source: Path, out: Path, suffix: str = "") -> Path:
    """Validate a staged tree, zip it with Blender's own tool and validate the zip; its path."""
    out.mkdir(parents=True, exist_ok=True)
    run_blender_ext("validate", str(source))
    run_blender_ext(
        *("build", "--source-dir", str(source), "--output-dir", str(out), "--split-platforms")
    )
    manifest = read_manifest(source)
    platform = manifest["platforms"][0].replace("-", "_")
    path = out / f"{manifest['id']}-{manifest['version']}-{platform}.zip"
    if suffix:
        path = path.replace(path.with_name(f"{path.stem}{suffix}.zip"))
    run_blender_ext("validate", str(path))
    return path


def run_blender_ext(*arguments: str) -> None:
    command = [sys.executable, str(blender_ext()), *arguments]
    process = subprocess.run(command, check=False, capture_output=True, text=True)
    if process.returncode:
        raise BuildError(f"blender_ext {arguments[0]} failed: {process.stdout}{process.stderr}")
