"""Blender processes that convert pictures: how one is started, and what it does."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import bpy

from illustrators_depth.worker import WorkerClient
from illustrators_depth.worker.server import Table
from illustrators_depth.worker.server import main as serve_jobs

__all__ = ["SERVE", "new_client", "program", "serve"]

SERVE = "--serve"
# Options of this Blender that its children need too; some take a value.
_INHERITED_OPTIONS = {
    "--factory-startup": 0,
    "--offline-mode": 0,
    "--online-mode": 0,
    "--disable-autoexec": 0,
    "-Y": 0,
    "--addons": 1,
}


def program(script: Path, folder: Path, argv: Sequence[str]) -> list[str]:
    """The command line of one more process of this very Blender (or Python with the bpy module).

    script: headless.py; folder: the client's private one; argv: this process's own `sys.argv`.
    """
    binary = bpy.app.binary_path
    serve_command = [str(script), "--", SERVE, str(folder)]
    if not binary:
        return [sys.executable, "-u", *serve_command]
    own_options = list(argv[: argv.index("--")] if "--" in argv else argv)
    inherited: list[str] = []
    for index, word in enumerate(own_options):
        if word in _INHERITED_OPTIONS:
            inherited += own_options[index : index + 1 + _INHERITED_OPTIONS[word]]
    return [binary, "-b", *inherited, "--python-exit-code", "1", "--python", *serve_command]


def new_client(script: Path) -> WorkerClient:
    """A client whose worker is one more Blender, which starts with the first picture."""
    return WorkerClient(program=lambda folder: program(script, folder, sys.argv))


def serve(folder: str, registered: bool) -> None:
    """Convert pictures for the process that started this one, until it closes the pipe.

    registered: whether the add-on is enabled here already.
    """
    # The pictures are shared out among processes: each computes with one thread, in Blender and in
    # the engine's own process, and so gives what `illustrators-depth batch` gives.
    os.environ["ILLUSTRATORS_DEPTH_THREADS"] = "1"

    def table() -> Table:
        import importlib

        from .convert import convert
        from .options import JOB

        if not registered:
            importlib.import_module(__package__.rpartition(".")[0]).register()
        return {JOB: convert}

    serve_jobs([folder], table)  # ends the process, classes registered or not
