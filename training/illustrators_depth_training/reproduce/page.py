"""The page of results: what was measured, with the paper's own rows beside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from illustrators_depth.errors import InputError

from ..evaluation.report import number_text
from ..evaluation.table_rows import PAPER_ROWS

__all__ = ["results_page"]

_TESTS = {"mmsvg": "MMSVG", "svgx": "SVGX"}
# Row, as the stages name their evaluations, -> heading, and the paper's row on each test by its
# name in PAPER_ROWS.
_ROWS = {
    "depth_pro": ("Depth Pro, as published", {"mmsvg": "paper: Depth Pro (1536 px)"}),
    "no_prior": ("without prior initialisation", {"mmsvg": "paper: without depth prior (1536 px)"}),
    "no_cleaning": ("without data cleaning", {"mmsvg": "paper: without cleaning (1536 px)"}),
    "disparity": ("in disparity space", {"mmsvg": "paper: disparity space (1536 px)"}),
    "full": (
        "full",
        {"mmsvg": "paper: full, MMSVG (1536 px)", "svgx": "paper: full, SVGX (1536 px)"},
    ),
}
_INTRODUCTION = """# The paper, reproduced

Every map is the network's own, pixel by pixel, without regions. Order (ties kept) is the paper's
convention; in Order a tie is wrong. MAE, MSE: both maps normalised by their median and mean
absolute deviation. Intervals: bootstrap over pictures, 95 %. Columns "paper" are quoted from
arXiv 2511.17454.
"""
_METRICS = (("order_paper", 3), ("order", 3), ("mae", 2), ("mse", 2))


def results_page(folder: Path, packed: bool) -> str:
    """The page in Markdown, from the evaluations saved in a folder.

    `packed` says that MMSVG came as a packed corpus, of which the ablation without cleaning cannot
    be trained.
    """
    parts = [_INTRODUCTION]
    for test, name in _TESTS.items():
        rows = {row: _saved(folder / f"{row}-{test}.json") for row in _ROWS}
        measured = [saved for saved in rows.values() if saved is not None]
        if measured:
            height, width = measured[0]["size"]
            count = measured[0]["pictures"]
            parts.append(f"## {name}: {count} drawings at {width} x {height}\n")
            parts.append(_table(rows, test, packed))
    return "\n".join(parts)


def _table(rows: dict[str, dict[str, Any] | None], test: str, packed: bool) -> str:
    lines = [
        "| | Order (ties kept) | paper | Order | MAE | paper | MSE | paper |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row, (heading, of_paper) in _ROWS.items():
        quoted = {name: values for name, *values in PAPER_ROWS}.get(of_paper.get(test, ""))
        theirs = (
            [number_text(v, d) for v, d in zip(quoted, (3, 2, 2), strict=True)]
            if quoted
            else (["", "", ""])
        )
        saved = rows[row]
        if saved is None:
            reason = "not run"
            if row == "no_cleaning" and packed:
                reason += ": a packed corpus has cleaned drawings only"
            lines.append(
                f"| {heading} | {reason} | {theirs[0]} | | | {theirs[1]} | | {theirs[2]} |"
            )
            continue
        kept, order, mae, mse = (_cell(saved, metric, digits) for metric, digits in _METRICS)
        lines.append(
            f"| {heading} | {kept} | {theirs[0]} | {order} | {mae} | {theirs[1]} | {mse} | "
            f"{theirs[2]} |"
        )
    return "\n".join(lines) + "\n"


def _cell(saved: dict[str, Any], metric: str, digits: int) -> str:
    low, high = saved["interval95"][metric]
    span = f" ({number_text(low, digits)} to {number_text(high, digits)})"
    return number_text(saved["mean"][metric], digits) + span


def _saved(path: Path) -> dict[str, Any] | None:
    try:
        saved: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}); delete it and go on.") from error
    return saved
