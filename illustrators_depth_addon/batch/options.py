"""The command line of `headless.py`, and what it asks for as a recipe of the engine's batch."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from illustrators_depth.batch import PRODUCTS, Options, Preset, Recipe, Shard, load_preset
from illustrators_depth.batch.plan import pin_model
from illustrators_depth.errors import InputError

__all__ = ["EXPORTS", "JOB", "Request", "make_request", "parse"]

JOB = "scene"
"""Name of the job that converts one picture, as recipes and the worker's job table know it."""
# What --export knows: the ending of the output (a folder's ends in "/"), and the engine's product.
EXPORTS: dict[str, tuple[str, str | None]] = {
    "blend": (".blend", None),
    **{name: (product.ending, name) for name, product in PRODUCTS.items()},
    "png": (PRODUCTS["layers"].ending, "layers"),
}
_PREVIEW = ".png"
_WITHOUT_OBJECTS = ("compositor",)  # builds that a preview cannot show


@dataclass(frozen=True)
class Request:
    """A command line that was checked.

    Attributes:
        patterns: pictures, folders and globs, as typed.
        out: folder of the products.
        recipe: the job and its settings: what is built and exported, and the preset.
        options: of the run: whether to resume or overwrite, and which shard to make.
        jobs: Blender processes at a time, at least 1.
        timeout: seconds for a picture, 0 for any time.
    """

    patterns: tuple[str, ...]
    out: Path
    preset: Preset
    recipe: Recipe
    options: Options
    jobs: int
    timeout: float


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line; argparse exits with code 2 on what it does not know."""
    parser = argparse.ArgumentParser(
        prog="headless.py",
        description="Pictures to .blend files and more, without a window.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("patterns", nargs="+", metavar="PATTERNS", help="pictures, folders, 'art/**/*.png'")
    add("--out", type=Path, required=True, metavar="DIR", help="output folder")
    add(
        "--build",
        default="layers,displacement",
        metavar="KINDS",
        help="what to build, comma-separated (layers,displacement)",
    )
    add(
        "--export",
        default="blend",
        metavar="KINDS",
        help=f"what to write, comma-separated: {', '.join(EXPORTS)} (blend)",
    )
    add("--preset", type=Path, metavar="FILE", help="settings, .toml or .json")
    add("--jobs", type=int, default=1, metavar="N", help="Blender processes at a time (1)")
    add("--resume", action="store_true", help="go on with an earlier batch")
    add("--preview", action="store_true", help="also render DIR/NAME.png")
    add("--overwrite", action="store_true", help="replace existing files, do all of it again")
    add("--timeout", type=float, default=3600.0, help="seconds per picture, 0 = any (3600)")
    add("--part", default="1/1", metavar="I/N", help="every N-th picture, from number I on")
    overrides = parser.add_argument_group("settings, instead of the preset's")
    overrides.add_argument("--model", help="predictor or model file")
    overrides.add_argument("--device", help="auto, cpu, cuda or mps")
    overrides.add_argument("--method", help="auto, clusters or bins")
    overrides.add_argument("--layers", type=int, help="number of layers, 0 = automatic")
    overrides.add_argument("--split", help="of SVG drawings: auto, groups, paths or strokes")
    overrides.add_argument("--mode", help="of solids: stacked, terraced or heightfield")
    overrides.add_argument("--size-mm", type=float, help="longest side")
    overrides.add_argument("--thickness-mm", type=float, help="of each layer")
    overrides.add_argument("--gap-mm", type=float, help="between layers")
    return parser.parse_args(argv)


def make_request(values: argparse.Namespace, builds: Sequence[str]) -> Request:
    """Check a command line against what this Blender can build.

    Args:
        values: from `parse`.
        builds: names of the kinds of build that there are.

    Raises InputError for an unknown build, export or setting, a value out of range, or a preview
    with nothing to render.
    """
    kinds = _parse_words(values.build, builds, "build")
    exports = _parse_words(values.export, tuple(EXPORTS), "export")
    if values.preview and not set(kinds) - set(_WITHOUT_OBJECTS):
        raise InputError(f"--preview needs something to render; add a build to {kinds[0]!r}.")
    if values.jobs < 1:
        raise InputError(f"--jobs must be at least 1, not {values.jobs}.")
    if values.timeout < 0.0:
        raise InputError(f"--timeout must not be negative, but is {values.timeout:g}.")
    preset = load_preset(values.preset) if values.preset is not None else Preset()
    preset = preset.changed("read", split=values.split)
    preset = preset.changed("depth", model=values.model, device=values.device)
    preset = preset.changed("decompose", method=values.method, layers=values.layers)
    preset = preset.changed(
        "relief",
        mode=values.mode,
        size_mm=values.size_mm,
        thickness_mm=values.thickness_mm,
        gap_mm=values.gap_mm,
    )
    settings = {
        "build": kinds,
        "export": exports,
        "preview": values.preview,
        **preset.to_dict(),
        "blender": preset.blender,
    }
    endings = dict.fromkeys(EXPORTS[name][0] for name in exports)
    if values.preview:
        endings[_PREVIEW] = None
    return Request(
        tuple(values.patterns),
        values.out,
        preset,
        Recipe(JOB, pin_model(settings), tuple(endings)),
        Options(values.resume, values.overwrite, Shard.parse(values.part)),
        values.jobs,
        values.timeout,
    )


def _parse_words(text: str, known: Sequence[str], option: str) -> list[str]:
    """The words of a comma-separated option, each once, in the order of `known`."""
    words = {word.strip().lower() for word in text.split(",") if word.strip()}
    if not words:
        raise InputError(f"--{option} names nothing to {option}; choose from {', '.join(known)}.")
    for word in sorted(words):
        if word not in known:
            raise InputError(f"There is no {option} called {word!r}; known: {', '.join(known)}.")
    return [name for name in known if name in words]
