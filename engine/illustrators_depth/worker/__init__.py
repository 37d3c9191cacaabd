"""The engine in a process of its own, and the client that speaks to it.

`python -m illustrators_depth.worker` serves JSON lines over stdin and stdout (see `protocol`).
`WorkerClient` is plain Python: Blender's add-on and ordinary scripts use the same one, most easily
through `submit_layers` and `collect_layers`.
"""

from __future__ import annotations

from .client import WorkerClient
from .job import Job
from .requests import (
    WrittenPicture,
    collect_depth,
    collect_layers,
    submit_depth,
    submit_export,
    submit_file_layers,
    submit_inside,
    submit_layers,
    write_export,
    write_picture,
)

__all__ = [
    "Job",
    "WorkerClient",
    "WrittenPicture",
    "collect_depth",
    "collect_layers",
    "submit_depth",
    "submit_export",
    "submit_file_layers",
    "submit_inside",
    "submit_layers",
    "write_export",
    "write_picture",
]
