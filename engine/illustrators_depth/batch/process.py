"""The worker process of a batch: a picture and its products are its one job.

The add-on's batch has a process of its own, since its products are made inside of Blender.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, NoReturn

from ..progress import Progress
from ..worker import WorkerClient
from ..worker.array_files import output_folder
from ..worker.process import command, engine_folder
from ..worker.server import main as serve
from .job import make_products, shared_session
from .products import JOB

__all__ = ["main", "make", "new_client"]


def new_client() -> WorkerClient:
    """A client whose worker makes products; its process starts with the first picture."""
    paths = (str(engine_folder()),)
    return WorkerClient(program=lambda folder: command(sys.executable, paths, folder, __name__))


def make(params: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """One picture of a batch -> its products in `folder`; see `job.make_products`."""
    return make_products(params, output_folder(params), shared_session, progress)


def main(argv: list[str]) -> NoReturn:
    """Serve the client on stdin and stdout; `argv` holds its private folder."""
    serve(argv, lambda: {JOB: make})
