"""The HTML report of a built set: counts, keep rates, discard reasons, layer histogram, pictures.

One self-contained file. It is written from what is on disk (manifest and shards), so it can be made
again at any time.
"""

from __future__ import annotations

import base64
import json
import random
import tarfile
from collections import Counter
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from illustrators_depth.errors import InputError

from .attribution import attribution_text, collect_authors
from .index_colors import contact_sheet
from .reasons import REASONS
from .shards import SPLITS, read_shard, write_atomically

__all__ = ["load_manifest", "write_report"]

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; color: #222 }
table { border-collapse: collapse; margin: 1rem 0 }
td, th { padding: .15rem .6rem; text-align: left }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
tr:nth-child(even) { background: #f4f4f2 }
.bar { background: #3b6ea5; height: .8rem }
img { max-width: 100% }
"""
_PER_SHEET = 48  # drawings on a contact sheet
# Bars of the histogram: fewest and most layers, both included.
_BINS = ((2, 2), (3, 3), (4, 5), (6, 8), (9, 12), (13, 20), (21, 32), (33, 64), (65, 10**9))


def load_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a finished build; raises InputError when there is none."""
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        raise InputError(
            f"{folder} holds no finished build; run `data build` to its end first."
        ) from None
    return manifest


def write_report(folder: Path, seed: int = 0) -> Path:
    """Write OUT/report.html and OUT/ATTRIBUTION.md for a finished build; returns the report's path.

    Args:
        folder: OUT, with manifest.json and shards.
        seed: of the choice of drawings on the contact sheets.

    Raises InputError when there is no finished build.
    """
    manifest = load_manifest(folder)
    authors = collect_authors(_metas(folder))
    text = attribution_text(manifest, authors)
    write_atomically(folder / "ATTRIBUTION.md", text.encode())
    path = folder / "report.html"
    write_atomically(path, _page(folder, manifest, random.Random(seed)).encode())
    return path


def _metas(folder: Path) -> Iterator[dict[str, Any]]:
    """The JSON of every sample in the shards, without decoding pictures."""
    for split in SPLITS:
        for path in sorted(folder.glob(f"{split}-*.tar")):
            with tarfile.open(path) as archive:
                for entry in archive:
                    if entry.name.endswith(".json"):
                        stream = archive.extractfile(entry)
                        assert stream is not None
                        yield json.loads(stream.read())


def _page(folder: Path, manifest: dict[str, Any], rng: random.Random) -> str:
    size = f"{manifest['width']} x {manifest['height']}"
    counts = ", ".join(f"{n:,} {split}" for split, n in manifest["samples"].items())
    body = [
        f"<h1>Data set {escape(folder.name)}</h1>",
        f"<p>{counts} pairs at {size} pixels; index 1 is the background. Seed {manifest['seed']}."
        "</p>",
        "<h2>Sources</h2>",
        _source_table(manifest["sources"]),
        "<h2>Why drawings were left out</h2>",
        _reason_table(manifest["sources"]),
        "<h2>Layers per drawing</h2>",
        _histogram(manifest["sources"]),
    ]
    for split in SPLITS:
        sheet = _sheet(folder, split, rng)
        if sheet:
            body.append(f"<h2>A look at {split}</h2>{sheet}")
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'>"
        f"<title>Data set report</title><style>{_STYLE}</style><body>{''.join(body)}</body></html>"
    )


def _source_table(sources: list[dict[str, Any]]) -> str:
    """A row per source of the manifest: drawings listed, set aside, tried and kept."""
    head = ("source", "licence", "listed", "reserved", "over cap", "tried", "kept", "rate",
            "median layers", "p90", *SPLITS)  # fmt: skip
    rows = [_row(head, header=True)]
    for s in sources:
        aside = s["set_aside"]
        layers = np.repeat([int(k) for k in s["layers"]], list(s["layers"].values()))
        rows.append(
            _row(
                (
                    s["source"],
                    s["licence"],
                    s["listed"],
                    aside.get("reserved", 0) + aside.get("reserved-twin", 0),
                    aside.get("over-cap", 0),
                    s["tried"],
                    s["kept"],
                    f"{s['kept'] / s['tried']:.0%}" if s["tried"] else "",
                    f"{np.median(layers):g}" if layers.size else "",
                    f"{np.percentile(layers, 90):g}" if layers.size else "",
                    *(s["splits"].get(split, 0) for split in SPLITS),
                )
            )
        )
    return f"<table>{''.join(rows)}</table>"


def _reason_table(sources: list[dict[str, Any]]) -> str:
    """A row per reason, the most frequent first, with the three sources that it met most."""
    total: Counter[str] = Counter()
    where: dict[str, Counter[str]] = {}
    for s in sources:
        for reason, number in s["discarded"].items():
            total[reason] += number
            where.setdefault(reason, Counter())[s["source"]] += number
    rows = [_row(("reason", "drawings", "meaning", "most from"), header=True)]
    for reason, number in total.most_common():
        main_sources = ", ".join(f"{name} {n}" for name, n in where[reason].most_common(3))
        rows.append(_row((reason, number, REASONS[reason], main_sources)))
    return f"<table>{''.join(rows)}</table>"


def _histogram(sources: list[dict[str, Any]]) -> str:
    """A bar for each range of `_BINS`, the longest 30 rem."""
    layers: Counter[int] = Counter()
    for s in sources:
        for count, number in s["layers"].items():
            layers[int(count)] += number
    totals = [sum(n for k, n in layers.items() if low <= k <= high) for low, high in _BINS]
    largest_total = max(max(totals), 1)
    rows = []
    for (low, high), number in zip(_BINS, totals, strict=True):
        name = f"{low}" if low == high else f"{low} to {high}" if high < 10**9 else f"{low} and up"
        bar = f"<div class='bar' style='width:{30 * number / largest_total:.2f}rem'></div>"
        rows.append(f"<tr><td>{name}</td><td class='n'>{number:,}</td><td>{bar}</td></tr>")
    return f"<table>{''.join(rows)}</table>"


def _row(cells: tuple[Any, ...], header: bool = False) -> str:
    """A table row; numbers and percentages stand at the right."""
    tag = "th" if header else "td"
    parts = []
    for cell in cells:
        number = isinstance(cell, int | float) or (isinstance(cell, str) and cell.endswith("%"))
        shown = f"{cell:,}" if isinstance(cell, int) else escape(str(cell))
        parts.append(f"<{tag}{' class=n' if number else ''}>{shown}</{tag}>")
    return f"<tr>{''.join(parts)}</tr>"


def _sheet(folder: Path, split: str, rng: random.Random) -> str:
    """A contact sheet from two shards of a split, as an embedded PNG; "" without shards."""
    shards = sorted(folder.glob(f"{split}-*.tar"))
    if not shards:
        return ""
    pool = [pair for path in rng.sample(shards, min(2, len(shards))) for pair in read_shard(path)]
    chosen = rng.sample(pool, min(_PER_SHEET, len(pool)))
    chosen.sort(key=lambda pair: (pair.meta["source"], pair.meta["name"]))
    sheet = contact_sheet([(pair.rgb, pair.index) for pair in chosen])
    _, data = cv2.imencode(".png", np.ascontiguousarray(sheet[..., ::-1]))
    picture = base64.b64encode(bytes(data)).decode("ascii")
    return f"<p><img alt='contact sheet' src='data:image/png;base64,{picture}'></p>"
