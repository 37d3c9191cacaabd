"""What an extension zip may bundle: the engine for the CPU alone, or with CUDA."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .platforms import PLATFORMS

__all__ = ["VARIANTS", "Variant"]

_FOLDER = Path(__file__).resolve().parents[2] / "requirements"


@dataclass(frozen=True)
class Variant:
    """One kind of zip.

    name: as --variant has it. requirements, lock: what it bundles besides, or in place of, the
    default's. platforms: that it is made for. replaces: packages of the default that it leaves out.
    suffix: of the zip's name.
    """

    name: str
    requirements: Path
    lock: Path
    platforms: tuple[str, ...]
    replaces: frozenset[str] = frozenset()
    suffix: str = ""


VARIANTS = {
    "cpu": Variant(
        "cpu", _FOLDER / "extension.txt", _FOLDER / "extension.lock.json", tuple(PLATFORMS)
    ),
    "cuda": Variant(
        "cuda",
        _FOLDER / "extension-cuda.txt",
        _FOLDER / "extension-cuda.lock.json",
        ("linux-x64", "windows-x64"),
        frozenset({"onnxruntime"}),  # one package of that name can be installed, not two
        "-cuda",
    ),
}
