"""Decision records: a number means one record, and links between pages reach one that exists."""

from __future__ import annotations

import re
from collections import Counter

from .source_graph import ROOT

_RECORDS = ROOT / "docs" / "decisions"
_LINK = re.compile(r"\b\d{3}-[a-z0-9-]+\.md\b")


def test_no_two_decision_records_share_a_number() -> None:
    numbers = Counter(path.name[:3] for path in _RECORDS.glob("*.md"))
    assert len(numbers) > 20
    assert [number for number, records in numbers.items() if records > 1] == []


def test_records_that_are_mentioned_exist() -> None:
    records = {path.name for path in _RECORDS.glob("*.md")}
    missing = []
    for folder in ("docs", "engine", "illustrators_depth_addon", "training", "scripts", "tests"):
        for ending in ("*.md", "*.py"):
            for path in sorted((ROOT / folder).rglob(ending)):
                mentioned = set(_LINK.findall(path.read_text(encoding="utf-8")))
                missing += [f"{path.name}: {name}" for name in sorted(mentioned - records)]
    assert missing == []
