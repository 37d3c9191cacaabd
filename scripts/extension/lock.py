"""The lock file: which wheel, byte for byte, goes into the extension for which Blender."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .errors import BuildError
from .platforms import PLATFORMS, Platform

__all__ = ["LOCK", "REQUIREMENTS", "LockedWheel", "lock_text", "read_lock", "read_requirements"]

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements" / "extension.txt"
LOCK = ROOT / "requirements" / "extension.lock.json"


@dataclass(frozen=True)
class LockedWheel:
    """One file of the package index. `targets` are (platform, Python) pairs that it serves."""

    name: str
    version: str
    file: str
    sha256: str
    targets: tuple[tuple[str, str], ...]

    def serves(self, platforms: Iterable[str], pythons: Iterable[str]) -> bool:
        wanted, running = set(platforms), set(pythons)
        return any(p in wanted and python in running for p, python in self.targets)


def read_requirements(platform: Platform) -> dict[str, str]:
    """Package name -> exact version on a platform, from requirements/extension.txt."""
    from packaging.requirements import InvalidRequirement, Requirement

    pinned = {}
    for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if not text:
            continue
        try:
            requirement = Requirement(text)
        except InvalidRequirement as error:
            raise BuildError(f"{REQUIREMENTS.name}: {text!r} is no requirement.") from error
        exact = next(iter(requirement.specifier), None)
        if exact is None or exact.operator != "==" or "*" in exact.version:
            raise BuildError(f"{REQUIREMENTS.name}: {text!r} needs an exact version (==).")
        marker = requirement.marker
        if marker is None or marker.evaluate({"sys_platform": platform.system}):
            pinned[requirement.name] = exact.version
    return pinned


def lock_text(wheels: Iterable[LockedWheel]) -> str:
    """The lock file's content, sorted and one wheel a line, so that a diff shows what changed."""
    ordered = sorted(wheels, key=lambda wheel: wheel.file.lower())
    rows = [
        {
            "name": wheel.name,
            "version": wheel.version,
            "file": wheel.file,
            "sha256": wheel.sha256,
            "for": [f"{platform}/{python}" for platform, python in wheel.targets],
        }
        for wheel in ordered
    ]
    lines = ",\n".join("  " + json.dumps(row) for row in rows)
    note = "made from extension.txt by scripts/lock_extension.py; not edited by hand"
    return f'{{\n "note": {json.dumps(note)},\n "wheels": [\n{lines}\n ]\n}}\n'


def read_lock() -> list[LockedWheel]:
    """The locked wheels; BuildError when the file does not match requirements/extension.txt."""
    try:
        rows = json.loads(LOCK.read_text(encoding="utf-8"))["wheels"]
        wheels = [
            LockedWheel(
                row["name"],
                row["version"],
                row["file"],
                row["sha256"],
                tuple((p, v) for p, _, v in (target.partition("/") for target in row["for"])),
            )
            for row in rows
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BuildError(f"{LOCK.name} cannot be read ({error}); lock again.") from error
    _check_complete(wheels)
    return wheels


def _check_complete(wheels: list[LockedWheel]) -> None:
    """Every package, in the version asked for, once for every platform and Python."""
    served = {(w.name, w.version, *target) for w in wheels for target in w.targets}
    wanted = {
        (name, version, platform.name, python)
        for platform in PLATFORMS.values()
        for name, version in read_requirements(platform).items()
        for python in platform.pythons
    }
    if odd := sorted(wanted ^ served):
        raise BuildError(
            f"{LOCK.name} and {REQUIREMENTS.name} differ, first in {' '.join(odd[0])}; "
            "run scripts/lock_extension.py."
        )
