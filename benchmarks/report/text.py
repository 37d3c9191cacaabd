"""Words that every section of the page uses: the machine, numbers of three digits."""

from __future__ import annotations

from typing import Any

__all__ = ["Section", "machine_line", "short_number"]

Section = tuple[list[str], dict[str, str]]
"""Lines of Markdown, and plots as SVG by their file's name."""


def short_number(value: float) -> str:
    """Three digits, without an exponent."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def machine_line(report: dict[str, Any]) -> str:
    """On what a report was measured, and how busy it was."""
    m = report["machine"]
    return (
        f"{m['processor']}, {m['cores']} cores, load average {m['load'][0]} (0 = idle), "
        f"{m['gflops_ceiling']} GFLOP/s reached by a float32 matrix product on one core; "
        f"Python {m['python']}, {m['date']}."
    )
