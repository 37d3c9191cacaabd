"""The lock file: which wheel, byte for byte, goes into the extension for which Blender."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .errors import BuildError
from .platforms import PLATFORMS, Platform
from .variants import VARIANTS, Variant

__all__ = ["CPU", "LockedWheel", "lock_text", "read_lock", "read_requirements"]

ROOT = Path(__file__).resolve().parents[2]
CPU = VARIANTS["cpu"]


@dataclass(frozen=True)
class LockedWheel:
    """One file of the package index. `targets` are (platform, Python) pairs that it serves."""

    name: str
    version: str
    file: str
    sha256: str
    targets: tuple[tuple[str, str], ...]

    def serves(self, platforms: Iterable[str], pythons: Iterable[str]) -> bool:
        expected, running = set(platforms), set(pythons)
        return any(p in expected and python in running for p, python in self.targets)


def read_requirements(platform: Platform, variant: Variant = CPU) -> dict[str, str]:
    """Package name -> exact version on a platform, from a variant's own file."""
    from packaging.requirements import InvalidRequirement, Requirement

    pinned = {}
    for line in variant.requirements.read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if not text:
            continue
        try:
            requirement = Requirement(text)
        except InvalidRequirement as error:
            raise BuildError(f"{variant.requirements.name}: {text!r} is no requirement.") from error
        exact = next(iter(requirement.specifier), None)
        if exact is None or exact.operator != "==" or "*" in exact.version:
            raise BuildError(f"{variant.requirements.name}: {text!r} needs an exact version (==).")
        marker = requirement.marker
        if marker is None or marker.evaluate({"sys_platform": platform.system}):
            pinned[requirement.name] = exact.version
    return pinned


def lock_text(wheels: Iterable[LockedWheel], variant: Variant = CPU) -> str:
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
    source = variant.requirements.name
    note = f"made from {source} by scripts/lock_extension.py; not edited by hand"
    return f'{{\n "note": {json.dumps(note)},\n "wheels": [\n{lines}\n ]\n}}\n'


def read_lock(variant: Variant = CPU) -> list[LockedWheel]:
    """The wheels that a variant bundles; BuildError when a file does not match its requirements."""
    if variant.name == "cpu":
        return _read(variant)
    wheels_kept = [
        wheel
        for wheel in _read(CPU)
        if wheel.name not in variant.replaces
        and wheel.serves(variant.platforms, [python for _, python in wheel.targets])
    ]
    return [*wheels_kept, *_read(variant)]


def _read(variant: Variant) -> list[LockedWheel]:
    """A variant's own lock file."""
    try:
        rows = json.loads(variant.lock.read_text(encoding="utf-8"))["wheels"]
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
        raise BuildError(f"{variant.lock.name} cannot be read ({error}); lock again.") from error
    _check_complete(wheels, variant)
    return wheels


def _check_complete(wheels: list[LockedWheel], variant: Variant) -> None:
    """Every package, in the version asked for, once for every platform and Python."""
    served = {(w.name, w.version, *target) for w in wheels for target in w.targets}
    expected = {
        (name, version, platform.name, python)
        for platform in (PLATFORMS[name] for name in variant.platforms)
        for name, version in read_requirements(platform, variant).items()
        for python in platform.pythons
    }
    if differences := sorted(expected ^ served):
        raise BuildError(
            f"{variant.lock.name} and {variant.requirements.name} differ, first in "
            f"{' '.join(differences[0])}; run scripts/lock_extension.py."
        )
