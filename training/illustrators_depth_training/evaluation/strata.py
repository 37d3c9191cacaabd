"""Which kind of drawing a sample is, and how deep: the strata that every table is split by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["DEPTHS", "KINDS", "depth_stratum", "drawing_kind"]

KINDS = ("illustration", "emoji", "icons", "themes", "avatars", "flags", "scenes")
DEPTHS = ("2-6", "7-20", "21+")

# For sets that were built before samples said their kind: words in the source's name, first match.
_KIND_WORDS = (
    ("avatars", ("dicebear", "avatar")),
    ("flags", ("json/flag@", "flagpack", "circle-flags")),
    ("emoji", ("emoji", "noto", "svgmoji")),
    (
        "themes",
        ("-theme#", "papirus", "numix", "elementary", "tango", "faenza", "gartoon", "moka", "suru"),
    ),
    ("illustration", ("illustration", "openclipart", "clipart", "ktuberling", "spot")),
)


def drawing_kind(meta: Mapping[str, Any]) -> str:
    """One of KINDS: what the sample's JSON says, else what its source's name says, else icons."""
    kind = str(meta.get("kind", ""))
    if kind in KINDS:
        return kind
    source = str(meta.get("source", "")).lower()
    for known, words in _KIND_WORDS:
        if any(word in source for word in words):
            return known
    return "icons"


def depth_stratum(layers: int) -> str:
    """One of DEPTHS, by the number of layers."""
    return DEPTHS[0] if layers <= 6 else DEPTHS[1] if layers <= 20 else DEPTHS[2]
