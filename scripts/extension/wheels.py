"""Wheels on disk: fetched once and checked against the lock, packed, and the engine's own."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .errors import BuildError, pip
from .lock import ROOT, LockedWheel
from .platforms import PLATFORMS, tags_of

__all__ = ["build_engine_wheel", "cache_folder", "fetch", "pack", "pack_all"]

_STAMP = (1980, 1, 1, 0, 0, 0)


def cache_folder() -> Path:
    """Where wheels are kept between builds: the house's cache, or $ILLUSTRATORS_DEPTH_CACHE."""
    base = os.environ.get("ILLUSTRATORS_DEPTH_CACHE")
    return (Path(base) if base else Path.home() / ".cache" / "illustrators-depth") / "wheels"


def sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fetch(wheels: Iterable[LockedWheel], cache: Path) -> dict[LockedWheel, Path]:
    """Every wheel's file in the cache; pip brings those that are missing, by hash.

    Raises BuildError when pip cannot, or when a file is not the one that was locked.
    """
    cache.mkdir(parents=True, exist_ok=True)
    paths = {wheel: cache / wheel.file for wheel in wheels}
    missing = [w for w, path in paths.items() if not path.is_file() or sha256(path) != w.sha256]
    for target in sorted({wheel.targets[0] for wheel in missing}):
        _download([wheel for wheel in missing if wheel.targets[0] == target], target, cache)
    return paths


def _download(wheels: list[LockedWheel], target: tuple[str, str], cache: Path) -> None:
    platform, python = target
    print(f"Fetching {len(wheels)} wheels for {platform}, Python {python}", flush=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        requirements = Path(folder) / "requirements.txt"
        lines = [f"{w.name}=={w.version} --hash=sha256:{w.sha256}\n" for w in wheels]
        requirements.write_text("".join(lines), encoding="utf-8")
        pip(
            "download",
            *("--no-deps", "--require-hashes", "--dest", folder, "-r", str(requirements)),
            *tags_of(PLATFORMS[platform], python),
        )
        for wheel in wheels:
            path = Path(folder) / wheel.file
            if not path.is_file() or sha256(path) != wheel.sha256:
                raise BuildError(f"{wheel.file} is not the file that was locked; lock again.")
            path.replace(cache / wheel.file)


def build_engine_wheel(folder: Path) -> Path:
    """The engine's wheel, built from a clean copy.

    A `build` folder that an earlier build left in the checkout may hold modules long removed, and
    setuptools would pack them.
    """
    clean = shutil.ignore_patterns("build", "dist", "*.egg-info", "__pycache__", "*.pyc")
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary) / "engine"
        shutil.copytree(ROOT / "engine", source, ignore=clean)
        pip("wheel", "--no-deps", "--wheel-dir", temporary, str(source))
        (built,) = Path(temporary).glob("*.whl")
        return Path(shutil.copy2(built, folder / built.name))


def pack(source: Path, target: Path) -> None:
    """Write a wheel again with LZMA in place of deflate: the same members, about a third smaller.

    Blender unpacks wheels with Python's zipfile, which reads both. Every member keeps its name,
    order and bytes, so the wheel's RECORD stays true; only the hash of the archive is another.
    """
    partial = target.with_suffix(".partial")
    with (
        zipfile.ZipFile(source) as original,
        zipfile.ZipFile(partial, "w", compression=zipfile.ZIP_LZMA) as packed,
    ):
        for member in original.infolist():
            info = zipfile.ZipInfo(member.filename, _STAMP)
            info.external_attr = member.external_attr
            # Below this a member's header outweighs what the better packing gains.
            is_small = member.file_size < 512
            info.compress_type = zipfile.ZIP_DEFLATED if is_small else zipfile.ZIP_LZMA
            packed.writestr(info, original.read(member))
    partial.replace(target)


def pack_all(paths: Iterable[Path], cache: Path) -> dict[Path, Path]:
    """Packed copies, kept in the cache under the original's hash; cores work side by side."""

    def packed(path: Path) -> Path:
        folder = cache / "packed" / sha256(path)
        if not (folder / path.name).is_file():
            folder.mkdir(parents=True, exist_ok=True)
            pack(path, folder / path.name)
        return folder / path.name

    ordered = list(paths)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(ordered, pool.map(packed, ordered), strict=True))
