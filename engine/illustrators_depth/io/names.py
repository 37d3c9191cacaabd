"""File names from layer names, safe on every file system."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["counted", "human_size", "safe_name"]

_LONGEST = 40


def safe_name(name: str, fallback: str = "layer") -> str:
    """Lower-case ASCII letters, digits and single hyphens, at most 40 characters.

    Accents are dropped ("Café au lait" gives "cafe-au-lait"); a name with nothing left gives
    `fallback`.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:_LONGEST].rstrip("-") or fallback


def human_size(size: int) -> str:
    """A file size for people: "812 B", "3.4 kB", "1.2 MB" (decimal units)."""
    if size < 1000:
        return f"{size} B"
    power = 1 if size < 999_950 else 2 if size < 999_950_000 else 3
    return f"{size / 1000**power:.1f} {('kB', 'MB', 'GB')[power - 1]}"


def counted(number: int, noun: str) -> str:
    """A number and its noun, such as "1 part" or "2 parts"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
