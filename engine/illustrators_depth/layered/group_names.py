"""Names of layers and groups as a stack takes them."""

from __future__ import annotations

from collections import Counter

__all__ = ["GroupNames", "clean_name"]

MAX_NAME_LENGTH = 200


def clean_name(name: str) -> str:
    """A name that the layer list takes: printable, without slashes, not too long."""
    printable = "".join(" " if c in "/\\" or not c.isprintable() else c for c in name)
    return " ".join(printable.split())[:MAX_NAME_LENGTH].strip()


class GroupNames:
    """Gives the groups of a file names that no other group beside them has.

    Groups are told apart by their names alone: of two called "tree" one becomes "tree 2".
    """

    def __init__(self) -> None:
        self._taken: Counter[tuple[str, ...]] = Counter()

    def enter(self, parents: tuple[str, ...], name: str) -> tuple[str, ...]:
        """The names of a group that comes next in the file, outermost first."""
        name = clean_name(name) or "group"
        path = (*parents, name)
        number = 1
        while self._taken[path]:
            number += 1
            path = (*parents, f"{name} {number}")
        self._taken[path] += 1
        return path
