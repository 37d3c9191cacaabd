"""docs/benchmarks.md and its plots, from benchmarks/results/*.json.

    python -m benchmarks.report.page [FOLDER]

Ratios first, seconds second. FOLDER takes the place of docs/.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from ..harness.measure import RESULTS, ROOT
from .product_sections import deep_section, large_section, layers_section, relief_section
from .speed_sections import batch_section, curves_section, depth_section, sizes_section

__all__ = ["main"]

DOCS = ROOT / "docs"
_INTRODUCTION = (
    "Made by `make bench` from `benchmarks/results/*.json`; peers run beside ours in the "
    "same run. Ratios are to be trusted more than seconds: the load average says how busy "
    "the machine was."
)
_SECTIONS = {
    "depth_peers": depth_section,
    "deep_pictures": deep_section,
    "relief_grid": relief_section,
    "curves": curves_section,
    "large_pictures": large_section,
    "layers_speed": layers_section,
    "batch_throughput": batch_section,
    "depth_speed": sizes_section,
}
"""Name of a saved report -> its section of the page, in the page's order."""


def main(arguments: list[str]) -> int:
    """Write page and plots of whatever has been measured; returns the exit code."""
    page, plots = ["# Benchmarks", "", _INTRODUCTION], dict[str, str]()
    for name, section in _SECTIONS.items():
        report = _load(name)
        if report is not None:
            text, drawn = section(report)
            page += ["", *text]
            plots |= drawn
    docs = Path(arguments[0]) if arguments else DOCS
    (docs / "images").mkdir(parents=True, exist_ok=True)
    (docs / "benchmarks.md").write_text("\n".join(page) + "\n", encoding="utf-8")
    for name, svg in plots.items():
        (docs / "images" / name).write_text(svg, encoding="utf-8")
    print(f"wrote benchmarks.md and {len(plots)} plots")
    return 0


def _load(name: str) -> dict[str, Any] | None:
    """A saved report; None where it was never measured."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
