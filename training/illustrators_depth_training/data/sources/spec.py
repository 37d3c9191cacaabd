"""One line that names a source, e.g. `npm:@iconify-json/noto@1.2.9` or `dir:~/art/**/*.svg`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

from illustrators_depth.errors import InputError

__all__ = ["KINDS", "ROLES", "STRATA", "SourceSpec", "parse_spec"]

KINDS = ("npm", "apt", "dir", "parquet", "dicebear")
ROLES = ("train", "unseen", "test")
STRATA = ("illustration", "emoji", "icons", "themes", "avatars", "flags")
_NPM = re.compile(r"(?P<name>(?:@[\w.\-]+/)?[\w.\-]+)@(?P<version>[\w.\-+]+)(?:#(?P<rest>.+))?$")
_APT = re.compile(r"(?P<name>[a-z0-9][a-z0-9+.\-]*)(?:#(?P<rest>.+))?$")
_DICEBEAR = re.compile(r"(?P<name>[A-Za-z]+)@(?P<version>[\w.\-+]+)(?:\?(?P<rest>.*))?$")


@dataclass(frozen=True)
class SourceSpec:
    """A source and how to treat it.

    label: the text it was written as. kind, name, version, rest: its parts (rest: a glob inside a
    package, or a table's column). options: of a generator. cap: most drawings to take. licence,
    author, url: for sources that do not state them. role: "train", or held out whole: "unseen" for
    styles to watch while working, "test" for those that no choice may depend on. stratum: what kind
    of drawings these are, one of `STRATA`, or empty (`kind` in the configuration). frame: see
    `data.drawing.frame`. grouping: "name" puts drawings of one name into one
    group across sources, "none" leaves each its own group. invisible_boundary: a limit of its own
    for drawings of the train split, see `cleaning.CleaningRules`.
    """

    label: str
    kind: str
    name: str
    version: str | None = None
    rest: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    cap: int | None = None
    licence: str | None = None
    author: str | None = None
    url: str | None = None
    role: str = "train"
    frame: str = "viewbox"
    grouping: str = "name"
    stratum: str = ""
    invisible_boundary: float | None = None


def parse_spec(text: str, base: Path | None = None) -> SourceSpec:
    """Parse one source; relative folders are taken from `base`. Raises InputError."""
    kind, colon, body = text.partition(":")
    if not colon or kind not in KINDS or not body:
        raise InputError(f"{text!r} is no source; it must start with one of {', '.join(KINDS)}.")
    if kind == "dir":
        return SourceSpec(text, kind, _located(body, base))
    if kind == "parquet":
        path, _, column = body.partition("#")
        return SourceSpec(text, kind, _located(path, base), rest=column or "svg")
    pattern = {"npm": _NPM, "apt": _APT, "dicebear": _DICEBEAR}[kind]
    match = pattern.match(body)
    if match is None:
        form = {
            "npm": "npm:PACKAGE@VERSION or npm:PACKAGE@VERSION#GLOB",
            "apt": "apt:PACKAGE or apt:PACKAGE#GLOB",
            "dicebear": "dicebear:STYLE@VERSION?n=2000&seed=1",
        }[kind]
        raise InputError(f"{text!r} is not of the form {form}; correct the source.")
    parts = match.groupdict()
    if kind == "dicebear":
        options = tuple(parse_qsl(parts["rest"] or "", strict_parsing=bool(parts["rest"])))
        for name, value in options:
            if name not in ("n", "seed") or not value.isdigit():
                raise InputError(f"{text!r}: only n=NUMBER and seed=NUMBER may follow the '?'.")
        label = f"dicebear:{parts['name']}@{parts['version']}"
        return SourceSpec(
            label, kind, parts["name"], parts["version"], options=options, grouping="none"
        )
    return SourceSpec(text, kind, parts["name"], parts.get("version"), parts["rest"])


def _located(path: str, base: Path | None) -> str:
    expanded = Path(path).expanduser()
    return str(expanded if expanded.is_absolute() else (base or Path()) / expanded)
