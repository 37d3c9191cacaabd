"""Builds the Blender extension, one zip per platform: add-on, engine, model, wheels, licences.

    .venv/bin/python scripts/build_extension.py [--platform linux-x64 ...] [--variant cuda]

Writes OUT/illustrators_depth-VERSION-PLATFORM.zip ("-cuda" before the ending for that variant) and
prints each path with its size. Exit code 2, with one sentence, for what cannot be built.

Each tree is staged first (manifest beside the add-on's files, wheels below), then handed to
Blender's own builder and validator, which come with the bpy wheel and run without Blender's window.
Wheels are the very files that requirements/extension.lock.json names; they are kept in a cache.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from extension.errors import EXIT_USER, BuildError
from extension.platforms import PLATFORMS
from extension.stage import build, stage
from extension.variants import VARIANTS
from extension.wheels import build_engine_wheel

ROOT = Path(__file__).resolve().parent.parent


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="output folder (dist)")
    parser.add_argument(
        "--platform",
        action="append",
        choices=list(PLATFORMS),
        help="may be given several times (default: all)",
    )
    pythons = sorted({python for p in PLATFORMS.values() for python in p.pythons})
    parser.add_argument(
        "--python",
        action="append",
        choices=pythons,
        help="3.11 is Blender 4.2 to 5.0, 3.13 is 5.1 and later (default: both, in one zip)",
    )
    parser.add_argument(
        "--variant",
        choices=list(VARIANTS),
        default="cpu",
        help="cuda bundles CUDA and cuDNN, 2 GB, for Linux and Windows (default: cpu)",
    )
    parser.add_argument(
        "--packed",
        action="store_true",
        help="recompress the wheels: zips a third smaller, minutes per platform the first time",
    )
    options = parser.parse_args()
    options.variant = VARIANTS[options.variant]
    options.platform = options.platform or list(options.variant.platforms)
    options.python = options.python or pythons
    return options


def main() -> int:
    options = parse()
    try:
        for name in options.platform:
            if name not in options.variant.platforms:
                raise BuildError(
                    f"There is no variant {options.variant.name} for {name}; choose "
                    f"{' or '.join(options.variant.platforms)}."
                )
            if not set(PLATFORMS[name].pythons) & set(options.python):
                wanted = " or ".join(options.python)
                raise BuildError(f"No Blender for {name} runs Python {wanted}.")
        with tempfile.TemporaryDirectory() as temporary:
            engine = build_engine_wheel(Path(temporary))
            for name in options.platform:
                folder = Path(temporary) / name / "illustrators_depth"
                stage(folder, name, options.python, engine, options.packed, options.variant)
                path = build(folder, options.out, options.variant.suffix)
                print(f"Built {path} ({path.stat().st_size / 1e6:.1f} MB)", flush=True)
                shutil.rmtree(folder)  # a tree with CUDA has GBs: never two at a time
    except BuildError as error:
        print(f"Error: {error}", file=sys.stderr)
        return EXIT_USER
    return 0


if __name__ == "__main__":
    sys.exit(main())
