"""docs/benchmarks.md says what was measured: the page and its plots follow from the results."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]


def test_page_and_plots_are_those_of_the_results(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.report.page", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    page = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert page == (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    plots = list((tmp_path / "images").iterdir())
    assert {p.name for p in plots} == {p.name for p in (ROOT / "docs/images").glob("bench-*")}
    for plot in plots:
        assert f"images/{plot.name}" in page
        assert plot.read_bytes() == (ROOT / "docs" / "images" / plot.name).read_bytes()
        assert ElementTree.parse(plot).getroot().tag.endswith("svg")
