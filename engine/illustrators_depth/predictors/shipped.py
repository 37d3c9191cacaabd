"""Reads the models inside the package, and checks them against the checksums in their cards."""

from __future__ import annotations

import hashlib
import json
from importlib import resources

from ..borders.model import BorderModel
from ..errors import UnavailableError

__all__ = ["shipped_borders", "shipped_model"]


def shipped_model(name: str) -> bytes:
    """The ONNX file of a model in the box, "compact" or "borders".

    Raises UnavailableError when the installation is damaged.
    """
    folder = resources.files("illustrators_depth") / "models"
    try:
        model = (folder / f"{name}.onnx").read_bytes()
        card = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        checksum = card["sha256"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnavailableError(
            "The shipped model or its card is missing from the installation or damaged; "
            "reinstall illustrators-depth, or use model='heuristic'."
        ) from error
    if hashlib.sha256(model).hexdigest() != checksum:
        raise UnavailableError(
            "The shipped model does not match its checksum; reinstall illustrators-depth, or "
            "use model='heuristic'."
        )
    return model


def shipped_borders() -> BorderModel:
    """The border network in the box; raises UnavailableError when the installation is damaged."""
    return BorderModel(shipped_model("borders"))
