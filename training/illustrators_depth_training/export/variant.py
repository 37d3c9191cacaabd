"""One way of storing the network that ships, and what it may weigh."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["CARD_NAME", "LARGEST_FILE", "Variant"]

CARD_NAME = "compact"
LARGEST_FILE = 15 * 1024 * 1024  # bytes


@dataclass(frozen=True)
class Variant:
    """One way of storing the network: file, size, means on the split, seconds at working size.

    `report` is the evaluation as `Evaluation.to_json` gives it.
    """

    kind: str
    path: Path
    bytes: int
    means: dict[str, float]
    seconds: float
    report: Mapping[str, Any] | None = None
