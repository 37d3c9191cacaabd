"""The headless program: runs a batch, says how it goes, and answers with an exit code."""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bpy

from illustrators_depth.batch import (
    LocalWorkers,
    Preset,
    Record,
    failure,
    picture_line,
    run_batch,
    summary_lines,
)
from illustrators_depth.errors import EngineError
from illustrators_depth.settings import SettingError

from .. import api
from ..scene.render import still as render
from ..settings import scene as scene_settings
from .options import make_request, parse
from .process import SERVE, new_client, serve

__all__ = ["main"]

EXIT_FAILED, EXIT_USER, EXIT_INTERRUPTED = 1, 2, 130


def main(argv: Sequence[str], script: Path) -> int:
    """Run `headless.py` with these arguments.

    Returns 0 when all went well, 1 when a picture failed, 2 for a mistake in the command itself.
    """
    if list(argv[:1]) == [SERVE]:
        serve(argv[1], registered=hasattr(bpy.types.Scene, "illdepth"))
    # Blender takes Ctrl-C for itself in the background.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return _run(parse(argv), script)
    except EngineError as error:
        sentence = error.as_option if isinstance(error, SettingError) else error
        print(f"Error: {sentence}", file=sys.stderr)
        return EXIT_USER
    except KeyboardInterrupt:
        print("Canceled; nothing half-written was left behind.", file=sys.stderr)
        return EXIT_INTERRUPTED


def _run(values: argparse.Namespace, script: Path) -> int:
    start = time.monotonic()
    request = make_request(values, api.BUILDS)
    _check_preset(request.preset)
    workers = LocalWorkers(request.jobs, request.timeout, lambda: new_client(script))
    outcome = run_batch(
        request.patterns, request.out, request.recipe, workers, request.options, _Console()
    )
    for line in summary_lines(outcome, time.monotonic() - start):
        print(line, flush=True)
    return EXIT_FAILED if outcome.failed else 0


def _check_preset(preset: Preset) -> None:
    """Say now, not for every picture of the night, what Blender's controls cannot take."""
    scene: Any = bpy.context.scene
    addon = importlib.import_module(__package__.rpartition(".")[0])
    registered = hasattr(bpy.types.Scene, "illdepth")
    if not registered:
        addon.register()
    try:
        scene_settings.apply_preset(scene, preset)
        scene_settings.plain_options(render.RenderOptions(), preset.blender, "preview")
    finally:
        # Classes still registered at exit hang or crash the bpy module.
        if not registered:
            addon.unregister()


class _Console:
    """One line per picture, with the time that is left."""

    def begin(self, total: int, skipped: int) -> None:
        self._total, self._done, self._start = total, 0, time.monotonic()
        if skipped:
            print(f"{skipped} of {total + skipped} pictures are done already", flush=True)

    def progress(self, fraction: float) -> None:
        """Lines are only printed when a picture is done: logs of a night stay readable."""

    def picture(self, record: Record) -> None:
        self._done += 1
        if record.error is not None:
            place = f"[{self._done}/{self._total}]"
            print(f"Error: {place} {failure(record)}", file=sys.stderr, flush=True)
            return
        elapsed_s = time.monotonic() - self._start
        print(picture_line(record, self._done, self._total, elapsed_s), flush=True)
