"""Pictures to .blend files without a window.

    blender -b --python illustrators_depth_addon/headless.py -- IMAGE... --out DIR
    python illustrators_depth_addon/headless.py -- IMAGE... --out DIR      (with the bpy wheel)

A picture that cannot be used is named in one sentence and the others go on; the exit code is then
2. With --resume, pictures whose .blend is there already are left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

EXIT_USER = 2


def load_addon() -> ModuleType:
    """The add-on package this file belongs to: the one Blender has enabled, else loaded from here.

    Prints one sentence and exits when this Python has no engine.
    """
    home = Path(__file__).resolve().parent / "__init__.py"
    for module in list(sys.modules.values()):
        if getattr(module, "__file__", None) == str(home):
            return module
    spec = importlib.util.spec_from_file_location(
        "illustrators_depth_addon", home, submodule_search_locations=[str(home.parent)]
    )
    assert spec is not None and spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = package
    try:
        spec.loader.exec_module(package)
    except ModuleNotFoundError as error:
        print(
            f"Error: this Python ({sys.executable}) has no module {error.name!r}; install the "
            "extension into Blender (make extension), or run this with the checkout's .venv "
            "(make relief sets it up).",
            file=sys.stderr,
        )
        sys.exit(EXIT_USER)
    return package


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="headless.py", description="Pictures to .blend files, without a window."
    )
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help="pictures to convert")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="output folder")
    parser.add_argument(
        "--build",
        default="layers,displacement",
        metavar="KINDS",
        help="what to build, comma-separated: layers, displacement (default: both)",
    )
    parser.add_argument("--model", default="compact", help="predictor or model file (compact)")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps (auto)")
    parser.add_argument("--method", default="auto", help="auto, clusters or bins (auto)")
    parser.add_argument("--layers", type=int, default=0, help="number of layers, 0 = automatic")
    parser.add_argument("--size-mm", type=float, default=200.0, help="longest side (200)")
    parser.add_argument("--thickness-mm", type=float, default=2.0, help="of each layer (2)")
    parser.add_argument("--gap-mm", type=float, default=0.2, help="between layers (0.2)")
    parser.add_argument("--preview", action="store_true", help="also render DIR/NAME.png")
    parser.add_argument("--overwrite", action="store_true", help="replace existing files")
    parser.add_argument("--resume", action="store_true", help="skip pictures already converted")
    return parser.parse_args(argv)


def run(addon: ModuleType, options: argparse.Namespace) -> int:
    """Convert every picture; 0, or 2 when one of them could not be used."""
    from illustrators_depth.errors import Cancelled, EngineError

    failed = 0
    try:
        kinds = check_options(addon, options)
        for path in options.images:
            try:
                convert(addon, path, kinds, options)
            except Cancelled:
                raise
            except EngineError as error:
                failed += 1
                print(f"Error: {error}", file=sys.stderr, flush=True)
            except (OSError, MemoryError) as error:
                # One picture that the machine cannot handle must not end the night's batch.
                failed += 1
                print(
                    f"Error: {path} could not be converted ({error}); the others go on.",
                    file=sys.stderr,
                    flush=True,
                )
    except EngineError as error:
        print(f"Error: {error}", file=sys.stderr)
        return EXIT_USER
    if failed and len(options.images) > 1:
        print(f"{failed} of {len(options.images)} pictures failed.", file=sys.stderr)
    return EXIT_USER if failed else 0


def check_options(addon: ModuleType, options: argparse.Namespace) -> list[str]:
    """Make the output folder and return the kinds to build; InputError for what makes no sense."""
    from illustrators_depth.errors import InputError

    known = submodule(addon, "session").BUILDS
    kinds = [k.strip() for k in options.build.split(",") if k.strip()]
    if not kinds:
        raise InputError(f"--build names nothing to build; choose from {', '.join(known)}.")
    for kind in kinds:
        if kind not in known:
            raise InputError(f"There is no build called {kind!r}; known: {', '.join(known)}.")
    names = [path.stem for path in options.images]
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice is not None:
        raise InputError(f"Two pictures are called {twice!r} and would share one .blend; rename.")
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"The folder {options.out} cannot be made ({error.strerror}); choose another."
        ) from error
    return kinds


def convert(addon: ModuleType, path: Path, kinds: list[str], options: argparse.Namespace) -> None:
    """One picture to one .blend; raises EngineError and leaves nothing half-written."""
    from illustrators_depth.io.atomic import check_output
    from illustrators_depth.io.read_image import read_image
    from illustrators_depth.settings import DecomposeSettings, DepthSettings, ReliefSettings

    session = submodule(addon, "session")
    target = options.out / f"{path.stem}.blend"
    if options.resume and target.exists():
        print(f"{path.name}: {target} is there already", flush=True)
        return
    check_output(target, options.overwrite)
    if options.preview:
        check_output(target.with_suffix(".png"), options.overwrite)
    depth = DepthSettings.from_dict({"model": options.model, "device": options.device})
    layers = DecomposeSettings.from_dict({"method": options.method, "layers": options.layers})
    relief = ReliefSettings.from_dict(
        {
            "size_mm": options.size_mm,
            "thickness_mm": options.thickness_mm,
            "gap_mm": options.gap_mm,
        }
    )
    picture = read_image(path)
    start = time.monotonic()
    scene = session.empty_file()
    submodule(addon, "panel_settings").apply_settings(scene, depth, layers, relief)
    predicted = session.predict(scene, picture)
    built = session.build(scene, predicted.image, kinds)
    with submodule(addon, "quiet").quiet_blender():
        if options.preview:
            preview(addon, scene, built[0], target.with_suffix(".png"), options.overwrite)
        session.save_blend(target, options.overwrite)
    print(
        f"{path.name}: {len(predicted.stack)} layers by {predicted.depth.predictor} on "
        f"{predicted.depth.device} -> {target} ({time.monotonic() - start:.1f} s)",
        flush=True,
    )


def preview(addon: ModuleType, scene: Any, collection: Any, path: Path, overwrite: bool) -> None:
    from illustrators_depth.io.atomic import atomic_path

    studio, render = submodule(addon, "scene.studio"), submodule(addon, "scene.render")
    studio.build_studio(scene, [o for o in collection.objects if o.type == "MESH"])
    render.set_up_render(scene)
    with atomic_path(path, overwrite) as partial:
        render.render_still(scene, partial)


def submodule(addon: ModuleType, name: str) -> ModuleType:
    """A module of the add-on, whatever name Blender gave the package."""
    return importlib.import_module(f"{addon.__name__}.{name}")


def main() -> int:
    argv = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    options = parse(argv)
    addon = load_addon()
    import bpy

    registered = hasattr(bpy.types.Scene, "illdepth")
    if not registered:
        addon.register()
    try:
        return run(addon, options)
    except KeyboardInterrupt:
        print("Cancelled; nothing half-written was left behind.", file=sys.stderr)
        return 130
    finally:
        # Classes still registered at exit hang or crash the bpy module.
        submodule(addon, "engine_client").close()
        if not registered:
            addon.unregister()


if __name__ == "__main__":
    sys.exit(main())
