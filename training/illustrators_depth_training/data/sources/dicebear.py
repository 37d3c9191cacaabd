"""Characters drawn by DiceBear's styles from a seed, as many as wanted."""

from __future__ import annotations

import json
from pathlib import Path

from illustrators_depth.errors import InputError

from ..paths import run_tool
from ..render.install import ensure_node_packages
from .base import Source
from .spec import SourceSpec

__all__ = ["DicebearSource"]

_NODE = Path(__file__).parent / "node_dicebear"
_LICENCES = {"CC BY 4.0": "CC-BY-4.0", "CC0 1.0": "CC0-1.0"}
_LEFT_OUT = {"avataaars", "avataaarsNeutral", "bottts", "botttsNeutral"}
_DEFAULT_COUNT = 1000


class DicebearSource(Source):
    """`dicebear:STYLE@VERSION?n=1000&seed=1`: drawing i of a seed is always the same drawing."""

    def __init__(self, spec: SourceSpec) -> None:
        super().__init__(spec)
        pinned = json.loads((_NODE / "package.json").read_text(encoding="utf-8"))["dependencies"]
        version = pinned["@dicebear/collection"]
        if spec.version != version:
            raise InputError(f"{spec.label}: this builder is pinned to DiceBear {version}.")
        if spec.name in _LEFT_OUT:
            raise InputError(f"{spec.label}: the terms of this style do not allow training.")
        options = dict(spec.options)
        self._seed = int(options.get("seed", "1"))
        count = min(int(options.get("n", str(_DEFAULT_COUNT))), spec.cap or 10**9)
        folder = ensure_node_packages(_NODE)
        text = run_tool(
            ["node", str(_NODE / "generate.mjs"), str(folder), spec.name, str(self._seed),
             str(count)],
            folder,
            seconds=60 + count * 0.05,
            purpose=f"Generating {spec.label}",
        )  # fmt: skip
        self._generated = json.loads(text)
        self._names = [f"{spec.name}-{self._seed}-{i:06d}" for i in range(count)]

    def names(self) -> list[str]:
        return list(self._names)

    def read(self, name: str) -> bytes:
        drawing: str = self._generated["drawings"][int(name.rpartition("-")[2])]
        return drawing.encode()

    @property
    def licence(self) -> str:
        stated = self._generated.get("licence") or "unknown"
        return self.spec.licence or _LICENCES.get(stated, stated)

    @property
    def author(self) -> str:
        return self.spec.author or self._generated.get("author") or "unknown"

    @property
    def url(self) -> str:
        return self.spec.url or self._generated.get("url") or ""
