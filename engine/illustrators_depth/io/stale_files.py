"""Files that an earlier run left in an output folder, by the list that it wrote beside them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from pathlib import Path

__all__ = ["listed_files", "remove_stale"]


def listed_files(folder: Path, index: str, key: str, suffixes: Collection[str]) -> set[str]:
    """File names under `key` in the JSON list `index` of a folder; none if there is no such list.

    Only plain names of numbered files with one of the endings count: a list may come from anywhere.
    """
    try:
        listed = json.loads((folder / index).read_text(encoding="utf-8"))[key]
        names = {str(entry["file"]) for entry in listed}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    plain = {n for n in names if Path(n).name == n and n[:2].isdigit() and "_" in n}
    return {n for n in plain if Path(n).suffix.lower() in suffixes}


def remove_stale(folder: Path, earlier: set[str], written: Iterable[str]) -> None:
    """Remove the files of an earlier run that the new one did not write again."""
    for name in earlier - set(written):
        (folder / name).unlink(missing_ok=True)
