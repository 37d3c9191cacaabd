"""The ATTRIBUTION file of a built set: every source, its licence, its authors, what was taken."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

__all__ = ["attribution_text", "collect_authors"]

_NOTE = """# Attribution

The pictures of this data set were rendered from vector drawings by others, listed here with their
licences. Each sample's JSON names its own source, path, licence and author. Keep this file with the
data set, and publish it with whatever is trained on it. Pictures were changed: rasterised, put on
white, cropped to a square window, freed of text; an index map was derived from the paint order.
"""
_LISTED_BY_NAME = 2000


def collect_authors(metas: Iterable[dict[str, Any]]) -> dict[str, Counter[str]]:
    """Return how many drawings each author gave, per source, from the samples' JSON."""
    authors: dict[str, Counter[str]] = defaultdict(Counter)
    for meta in metas:
        authors[str(meta["source"])][str(meta["author"])] += 1
    return dict(authors)


def attribution_text(manifest: dict[str, Any], authors: dict[str, Counter[str]]) -> str:
    """Return the file's text, Markdown, in the order of the configuration."""
    parts = [_NOTE]
    for source in manifest["sources"]:
        if not source["kept"]:
            continue
        parts.append(f"## {source['source']}\n")
        parts.append(f"- Drawings: {source['kept']}")
        parts.append(f"- Licence: {source['licence']}")
        parts.append(f"- Author: {source['author']}")
        if source["url"]:
            parts.append(f"- Origin: {source['url']}")
        own = authors.get(source["source"], Counter())
        named = sorted(name for name in own if name != source["author"])
        if named:
            listed = "; ".join(f"{name} ({own[name]})" for name in named[:_LISTED_BY_NAME])
            parts.append(f"- Authors named in the drawings: {listed}")
        parts.append("")
    return "\n".join(parts)
