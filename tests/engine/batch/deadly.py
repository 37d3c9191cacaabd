"""A task that ends its process, importable by the workers of a cluster."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from typing import Any

from illustrators_depth.batch.job import make_products_elsewhere

__all__ = ["deadly_for_hill"]


def deadly_for_hill(params: Mapping[str, Any], data: bytes) -> dict[str, Any]:
    """Do the work, but die as a process out of memory does when the picture is "hill"."""
    if params["name"] == "hill":
        os.kill(os.getpid(), signal.SIGKILL)
    return make_products_elsewhere(params, data)
