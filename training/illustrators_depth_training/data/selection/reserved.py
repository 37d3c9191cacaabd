"""The drawings kept for an external referee: never built, trained on or looked at.

The list (package -> names) travels with this package and is always in force for packages; folders
and tables that a user brings are his own. More lists can be added, none can be taken away.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from illustrators_depth.errors import InputError

from ..sources.spec import SourceSpec
from .groups import group_key

__all__ = ["Reserved", "load_reserved"]

_LIST = Path(__file__).parent / "reserved.json"
_PACKAGED = ("npm", "apt")


class Reserved:
    """Answers whether a drawing of a package is reserved, or a twin of a reserved one."""

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        self.names = {package: frozenset(listed) for package, listed in names.items()}
        # The same motif from another vendor, or another size of it, would give the test away.
        self.groups = frozenset(
            group_key(name, package=package)
            for package, listed in self.names.items()
            for name in listed
        )

    def holds(self, spec: SourceSpec, name: str, aliases: Iterable[str] = ()) -> bool:
        """Return whether a drawing of this source, under any of its names, is on the list.

        Names in themes are paths (48_2x/apps/brave); the last part alone is compared as well.
        """
        if spec.kind not in _PACKAGED:
            return False
        listed = self.names.get(spec.name, frozenset())
        if not listed:
            return False
        last = {entry.rpartition("/")[2] for entry in listed}
        names_in_use = [name, *aliases]
        return any(entry in listed or entry.rpartition("/")[2] in last for entry in names_in_use)

    def is_twin(self, spec: SourceSpec, group: str, name: str) -> bool:
        """Return whether a packaged drawing falls into a group with a reserved one."""
        if spec.kind not in _PACKAGED:
            return False
        return group in self.groups or group_key(name, package=spec.name) in self.groups


def load_reserved(extra: Path | None = None) -> Reserved:
    """Load the packaged list, and join `extra` (JSON of the same form) to it."""
    names: dict[str, list[str]] = json.loads(_LIST.read_text(encoding="utf-8"))
    if extra is not None:
        try:
            more = json.loads(extra.read_text(encoding="utf-8"))
            for package, listed in more.items():
                names[package] = sorted({*names.get(package, ()), *map(str, listed)})
        except (OSError, ValueError, AttributeError, TypeError) as error:
            raise InputError(f"The list of reserved names {extra} is unusable: {error}.") from None
    return Reserved(names)
