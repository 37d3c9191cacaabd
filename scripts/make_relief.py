"""What `make relief` runs: one picture through the whole house, with real Blender.

    .venv/bin/python scripts/make_relief.py [IMAGE] [--out DIR] [--overwrite] ...

Writes a .blend with stacked layers and a displacement relief, the layers as .idl and PNG, depth,
STL, GLB and a rendered preview, and says how large each is and how long each stage took. All of it
is done by the engine and the add-on; this file only puts them in a row.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_IMAGE = ROOT / "examples" / "valley.png"
EXIT_USER = 2

sys.path.insert(0, str(ROOT))  # the add-on is run from the checkout, not installed


class Stages:
    """Seconds per stage, in order."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        if is_terminal := sys.stdout.isatty():
            print(f"  {name} ...", end="", flush=True)
        try:
            yield
        except BaseException:
            print(end="\n" if is_terminal else "", flush=True)
            raise
        self.seconds[name] = time.perf_counter() - start
        back = "\r" if is_terminal else ""
        print(f"{back}  {name:<34} {self.seconds[name]:7.1f} s", flush=True)


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make relief", description=__doc__.splitlines()[0])
    parser.add_argument("image", nargs="?", type=Path, default=DEFAULT_IMAGE, metavar="IMAGE")
    parser.add_argument(
        "--out",
        type=Path,
        default=None,
        metavar="DIR",
        help="output folder; out/relief/NAME, rewritten on every run, when left out",
    )
    parser.add_argument("--model", default="compact", help="predictor or model file (compact)")
    parser.add_argument("--layers", type=int, default=0, help="number of layers, 0 = automatic")
    parser.add_argument("--size-mm", type=float, default=200.0, help="longest side (200)")
    parser.add_argument("--width", type=int, default=1280, help="of the preview, pixels (1280)")
    parser.add_argument("--overwrite", action="store_true", help="replace what is in DIR")
    return parser.parse_args(argv)


def sheet_spacing(count: int, size_mm: float) -> tuple[float, float]:
    """Thickness and gap in mm of each of `count` sheets of a stack that looks well.

    A stack of few sheets grows by 2 % of the picture's size with each, one of many stays at 11 %:
    higher, and the parts of one thing would drift apart in a slanted view.
    """
    pitch = size_mm * min(0.11, 0.02 * count) / max(count, 1)
    return round(0.6 * pitch, 3), round(0.4 * pitch, 3)


def print_step(count: int, size_mm: float) -> float:
    """Height in mm of each step of a printed relief: whole 0.04 mm, about 5 % of the size in all.

    0.04 mm divides the layer heights that printers are set to.
    """
    step = min(2.0, 0.05 * size_mm / max(count - 1, 1))
    return max(0.08, math.floor(step / 0.04 + 1e-6) * 0.04)


def make_relief(options: argparse.Namespace, stages: Stages) -> Path:
    """Run all stages and return the output folder; raises EngineError for unusable input."""
    from illustrators_depth.io.atomic import atomic_folder, check_output_folder
    from illustrators_depth.io.pictures.read_image import read_image

    with stages.stage("read the picture"):
        picture = read_image(options.image)
    out: Path = options.out or ROOT / "out" / "relief" / picture.name
    overwrite = options.overwrite or options.out is None
    if options.out is None:
        out.parent.mkdir(parents=True, exist_ok=True)
    check_output_folder(out, overwrite)
    with stages.stage("start Blender"):
        import illustrators_depth_addon as addon

        addon.register()
    try:
        with atomic_folder(out, overwrite) as partial:
            write_all(picture, partial, options, stages)
            replace_layers(partial / "layers", out / "layers")
    finally:
        addon.unregister()  # classes registered at exit hang or crash the bpy module
    return out


def write_all(picture, folder: Path, options: argparse.Namespace, stages: Stages) -> None:  # type: ignore[no-untyped-def]
    """Everything from a picture into an empty folder."""
    from illustrators_depth import (
        DecomposeSettings,
        DepthSettings,
        ReliefSettings,
        relief,
        save_stack,
        write_depth,
        write_layers,
        write_mesh,
    )
    from illustrators_depth_addon import api
    from illustrators_depth_addon.scene.render import still as render
    from illustrators_depth_addon.scene.render import studio
    from illustrators_depth_addon.settings import scene as scene_settings
    from illustrators_depth_addon.suppress_output import suppress_output

    depth_settings = DepthSettings.from_dict({"model": options.model})
    layer_settings = DecomposeSettings.from_dict({"layers": options.layers})
    ReliefSettings.from_dict({"size_mm": options.size_mm})
    with stages.stage("depth and layers (worker process)"), suppress_output():
        scene = api.empty_file()
        scene_settings.apply_settings(scene, depth_settings, layer_settings)
        prediction = api.predict(scene, picture)
    for name, seconds in prediction.seconds.items():
        stages.seconds[f"  {name}"] = seconds
    stack = prediction.stack
    print(
        f"  {len(stack)} layers; depth by {prediction.depth.predictor} "
        f"on {prediction.depth.device}",
        flush=True,
    )
    thickness, gap = sheet_spacing(len(stack), options.size_mm)
    stack_settings = ReliefSettings(size_mm=options.size_mm, thickness_mm=thickness, gap_mm=gap)
    with stages.stage("build the scene"), suppress_output():
        scene_settings.apply_settings(scene, relief=stack_settings)
        layers, displaced = api.build(scene, prediction.image)
        studio.build_studio(scene, [o for o in layers.objects if o.type == "MESH"])
        width = max(16, options.width)
        render.set_up_render(scene, render.RenderOptions(width=width, height=width * 3 // 4))
    with stages.stage("save the .blend"), suppress_output():
        api.save_blend(folder / f"{picture.name}.blend")
    with stages.stage("render the preview (Cycles)"), suppress_output():
        displaced.hide_render = True  # the preview is of the layers
        render.render_still(scene, folder / "preview.png")
    with stages.stage("solids (relief.stl, relief.glb)"):
        print_settings = ReliefSettings(
            mode="terraced",
            size_mm=options.size_mm,
            thickness_mm=print_step(len(stack), options.size_mm),
        )
        write_mesh(relief(stack, print_settings), folder / "relief.stl")
        write_mesh(relief(stack, stack_settings), folder / "relief.glb", image=picture, stack=stack)
    with stages.stage("layers and depth"):
        write_layers(stack, folder / "layers")
        save_stack(stack, folder / f"{picture.name}.idl")
        write_depth(prediction.depth, folder / "depth.png")


def replace_layers(new: Path, old: Path) -> None:
    """Bring the layer PNGs into a folder of an earlier run, whose own PNGs go; other files stay."""
    if not old.is_dir():
        return
    if (old / "stack.json").is_file():
        for path in old.glob("[0-9][0-9]*_*.png"):
            path.unlink()
    for path in new.iterdir():
        path.replace(old / path.name)
    new.rmdir()


def report(out: Path, stages: Stages, total: float) -> None:
    from illustrators_depth.io.names import human_size

    print(f"\nWrote {out}")
    files = sorted(p for p in out.rglob("*") if p.is_file() and p.parent != out / "layers")
    pngs = sorted((out / "layers").glob("*.png"))
    for path in files:
        print(f"  {path.relative_to(out)!s:<34} {human_size(path.stat().st_size):>10}")
    sizes = human_size(sum(p.stat().st_size for p in pngs))
    print(f"  {f'layers/ ({len(pngs)} full-frame RGBA PNGs)':<34} {sizes:>10}")
    print("\nSeconds")
    for name, seconds in stages.seconds.items():
        print(f"  {name:<34} {seconds:10.1f}")
    print(f"  {'in all':<34} {total:10.1f}")


def main() -> int:
    start = time.perf_counter()
    options = parse()
    stages = Stages()
    try:
        from illustrators_depth.errors import EngineError
    except ModuleNotFoundError as error:
        print(
            f"Error: this Python has no module {error.name!r}; run `make relief`, which sets it "
            "up, instead of this script.",
            file=sys.stderr,
        )
        return EXIT_USER
    try:
        out = make_relief(options, stages)
    except EngineError as error:
        print(f"Error: {error}", file=sys.stderr)
        return EXIT_USER
    except KeyboardInterrupt:
        print("Cancelled; nothing half-written was left behind.", file=sys.stderr)
        return 130
    report(out, stages, time.perf_counter() - start)
    return 0


if __name__ == "__main__":
    sys.exit(main())
