"""Writes requirements/extension.lock.json: file and SHA-256 of every wheel that is bundled.

    .venv/bin/python scripts/lock_extension.py [--variant cuda] [--check]

Asks the package index, through pip and without downloading, which file each package of
requirements/extension.txt has for each platform and Blender Python. With --check nothing is
written; the exit code is 1 when the lock file would change.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from extension.errors import EXIT_USER, BuildError, pip
from extension.lock import LockedWheel, lock_text, read_requirements
from extension.platforms import PLATFORMS, Platform, tags_of
from extension.variants import VARIANTS, Variant


def resolve(platform: Platform, python: str, pinned: dict[str, str]) -> list[tuple[str, str]]:
    """(file, sha256) of every package for one platform and Python; BuildError if one has none."""
    requirements = [f"{name}=={version}" for name, version in pinned.items()]
    with tempfile.TemporaryDirectory() as nowhere:
        report = pip(
            "install",
            *("--dry-run", "--ignore-installed", "--no-deps", "--report", "-"),
            *("--target", nowhere),
            *tags_of(platform, python),
            *requirements,
        )
    files = []
    for entry in json.loads(report)["install"]:
        source = entry["download_info"]
        digest = source["archive_info"].get("hashes", {}).get("sha256")
        if digest is None:
            raise BuildError(f"The package index gives no hash of {source['url']}.")
        files.append((source["url"].rpartition("/")[2], digest))
    return files


def lock(variant: Variant) -> list[LockedWheel]:
    targets: dict[tuple[str, str], list[tuple[str, str]]] = {}
    platforms = [PLATFORMS[name] for name in variant.platforms]
    for platform in platforms:
        pinned = read_requirements(platform, variant)
        for python in platform.pythons:
            print(f"{platform.name}, Python {python}", flush=True)
            for wheel_file in resolve(platform, python, pinned):
                targets.setdefault(wheel_file, []).append((platform.name, python))
    wheels = []
    names = {n.replace("-", "_"): n for p in platforms for n in read_requirements(p, variant)}
    for (file, digest), served in targets.items():
        package, version = file.split("-")[:2]
        wheels.append(LockedWheel(names[package.lower()], version, file, digest, tuple(served)))
    return wheels


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--variant", choices=list(VARIANTS), default="cpu", help="(cpu)")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args()
    variant = VARIANTS[options.variant]
    try:
        wheels = lock(variant)
    except BuildError as error:
        print(f"Error: {error}", file=sys.stderr)
        return EXIT_USER
    text = lock_text(wheels, variant)
    changed = not variant.lock.is_file() or variant.lock.read_text(encoding="utf-8") != text
    if options.check and changed:
        print(f"{variant.lock.name} is not what the package index gives now", file=sys.stderr)
        return 1
    variant.lock.write_text(text, encoding="utf-8")
    print(f"{variant.lock.name}: {len(wheels)} wheels, {'changed' if changed else 'as before'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
