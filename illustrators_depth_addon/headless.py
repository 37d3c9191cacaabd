"""Pictures to .blend files and more, without a window.

    blender -b --python illustrators_depth_addon/headless.py -- PATTERNS... --out DIR
    python illustrators_depth_addon/headless.py -- PATTERNS... --out DIR      (with the bpy wheel)

Only finds the add-on: the one this file belongs to or, for a copy of the file, the extension that
is enabled in Blender. Everything else is in the add-on's package `batch`.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

EXIT_USER = 2
# The enabled extension's module, in whatever repository it was installed.
_EXTENSION = ".illustrators_depth"


def load_addon() -> ModuleType:
    """The add-on package this file belongs to: the one Blender has enabled, else loaded from here.

    Prints one sentence and exits when there is none, or this Python has no engine.
    """
    home = Path(__file__).resolve().parent / "__init__.py"
    for name, module in list(sys.modules.items()):
        is_enabled = not home.is_file() and name.endswith(_EXTENSION)
        if is_enabled or getattr(module, "__file__", None) == str(home):
            return module
    if not (home.parent / "batch").is_dir():
        print(
            f"Error: {Path(__file__).name} lies apart from its add-on; run the one in the folder "
            "illustrators_depth_addon, or enable the extension in Blender first.",
            file=sys.stderr,
        )
        sys.exit(EXIT_USER)
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


def main() -> int:
    argv = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    addon = load_addon()
    run = importlib.import_module(f"{addon.__name__}.batch.command").main
    code: int = run(argv, Path(__file__).resolve())
    return code


if __name__ == "__main__":
    sys.exit(main())
