"""Which drawings are variants of one another, by name, and which split a group falls into.

Skin tones, genders, sizes, themes and numbered copies of one drawing share a group, and so does one
emoji as drawn by several vendors: a test picture must have no twin in train. The key is therefore
generous; a few unrelated drawings in one group do no harm.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

__all__ = ["group_key", "group_keys", "split_of", "stable_hash"]

_FLAGS = Path(__file__).parent / "flags.json"
_SYNONYMS = Path(__file__).parent / "synonyms.json"
_WORDS = re.compile(r"[^A-Za-z0-9+]+")
_TRAILING_NUMBER = re.compile(r"\d+[a-z]?$")
_TONES = {"light", "medium", "dark", "skin", "tone", "skintone"}
_PEOPLE = {
    "man", "men", "woman", "women", "person", "people", "male", "female", "boy", "boys",
    "girl", "girls", "adult", "child", "lady", "guy", "mrs", "mr",
}  # fmt: skip
_VARIANTS = {
    "wordmark", "original", "plain", "icon", "logo", "logomark", "fill", "filled", "line", "open",
    "opened", "default", "outline", "outlined", "rtl", "ltr", "symbolic", "alt", "alternative",
    "primary", "secondary", "tertiary", "hc", "1x1", "4x3", "bold", "file", "type", "folder",
    "theme", "the", "a", "of", "with", "and", "for", "on", "in", "flag", "face", "button", "sign",
    "symbol", "mark", "background", "branded",
}  # fmt: skip
_SIZES = {"8", "12", "16", "20", "22", "24", "28", "32", "36", "48", "64", "96", "128", "256"}
# Sets that name flags by ISO 3166 code; emoji name the same flags by country.
_FLAG_SETS = {
    "@iconify-json/circle-flags", "@iconify-json/flag", "@iconify-json/flagpack",
    "@iconify-json/cif",
}  # fmt: skip
_NUMBERED_SERIES = 40  # so many copies of one name are a numbered collection, not variants


def group_key(name: str, *, keep_number: bool = False, package: str = "") -> str:
    """Return the group of a drawing's name, e.g. "ear" for "ear-medium-dark-skin-tone".

    Only the last part of a path counts. keep_number leaves a trailing number in place. package:
    where the name is from, since some sets of flags speak in country codes.
    """
    if package in _FLAG_SETS:
        country = _countries().get(name.lower().partition("-")[0])
        name = country if country and _is_whole_flag(name) else name
    stem = re.split(r"[/#]", name)[-1].lower()
    words = [word for word in _WORDS.split(stem) if word]
    words = [w for w in words if w not in _TONES and w not in _SIZES and w not in _VARIANTS] or [
        w for w in words if w not in _TONES and w not in _SIZES
    ]
    rest = [w for w in words if w not in _PEOPLE]
    key = "".join(rest or (["person"] if words else [stem]))
    if keep_number:
        return _synonyms().get(key, key)
    shorter = _TRAILING_NUMBER.sub("", key)
    key = shorter if len(shorter) >= 2 else key
    return _synonyms().get(key, key)


def _is_whole_flag(name: str) -> bool:
    """Return whether a flag's name is a bare country code, perhaps with a shape: "ga-4x3"."""
    return re.fullmatch(r"[a-z]{2}(-(1x1|4x3))?", name.lower()) is not None


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Return the names of emoji flags by country code, as the emoji sets spell them."""
    table: dict[str, str] = json.loads(_FLAGS.read_text(encoding="utf-8"))
    return table


@lru_cache(maxsize=1)
def _synonyms() -> dict[str, str]:
    """Return the keys of one emoji under the names of other vendors and of older standards.

    Made from the code points of the emoji sets, and by hand for sets that state none. It is a
    fixed table, so that a drawing's split does not depend on which other sources are built.
    """
    table: dict[str, str] = json.loads(_SYNONYMS.read_text(encoding="utf-8"))
    return table


def group_keys(names: Iterable[str], package: str = "") -> dict[str, str]:
    """Return the group of every name of one source.

    Names such as img_0001 ... img_9999 would all fall together; where a name repeats that often,
    its number is kept.
    """
    names = list(names)
    keys = {name: group_key(name, package=package) for name in names}
    numbered = {name: group_key(name, keep_number=True, package=package) for name in names}
    copies = Counter(keys[name] for name in names if numbered[name] != keys[name])
    return {
        name: numbered[name] if copies[key] > _NUMBERED_SERIES else key
        for name, key in keys.items()
    }


def stable_hash(*parts: object) -> int:
    """Return a 64-bit hash that is the same on every machine and in every run."""
    text = "\0".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def split_of(group: str, seed: int, val_fraction: float) -> str:
    """Return "val" or "train" for a group."""
    return "val" if stable_hash("split", seed, group) < val_fraction * 2**64 else "train"
