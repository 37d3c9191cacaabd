"""Who imports whom inside a package, read from the source: for the tests of its structure."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
Graph = Mapping[str, set[str]]


@dataclass(frozen=True)
class Package:
    """A package of the repository; `skip` names folders of data that only looks like Python."""

    home: Path
    skip: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.home.name

    def files(self) -> dict[str, Path]:
        """Dotted module name inside the package -> its file; a package's own is its folder."""
        found = {}
        for path in sorted(self.home.rglob("*.py")):
            parts = list(path.relative_to(self.home).with_suffix("").parts)
            if parts[0] in self.skip:
                continue
            found[".".join(parts)] = path
        return found


ENGINE = Package(ROOT / "engine" / "illustrators_depth")
TRAINING = Package(ROOT / "training" / "illustrators_depth_training")
ADDON = Package(ROOT / "illustrators_depth_addon", ("presets",))


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(package: Package) -> dict[str, set[str]]:
    """Module -> modules of the same package that it imports, those inside functions included.

    What is imported for type checkers alone does not count.
    """
    files = package.files()
    return {name: set(_imports_of(package, name, path, files)) for name, path in files.items()}


def _imports_of(
    package: Package, name: str, path: Path, files: Mapping[str, Path]
) -> Iterator[str]:
    for node in _running(parsed(path)):
        if not isinstance(node, ast.ImportFrom):
            continue
        base = name.split(".")[: -node.level] if node.level else None
        if base is None:
            words = (node.module or "").split(".")
            if words[0] != package.name:
                continue
            base = words[1:]
        elif node.module:
            base = [*base, *node.module.split(".")]
        for alias in node.names:
            for parts in ([*base, alias.name], [*base, alias.name, "__init__"], base):
                module = ".".join(parts)
                if module in files:
                    break
            else:
                module = ".".join([*base, "__init__"])
            if module in files and module != name:
                yield module


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under `if TYPE_CHECKING`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from _running(child)


def folders(graph: Graph, depth: int = 1) -> dict[str, set[str]]:
    """The same between folders; a file of the root stands for itself."""
    between: dict[str, set[str]] = defaultdict(set)
    for name, targets in graph.items():
        own = room_of(name, depth)
        between[own] |= {room_of(target, depth) for target in targets} - {own}
    return dict(between)


def room_of(module: str, depth: int = 1) -> str:
    """The folder that a module lies in, "" for the package's own `__init__`."""
    parts = module.split(".")
    if len(parts) == 1:
        return "" if module == "__init__" else module
    return ".".join(parts[: min(depth, len(parts) - 1)])


def circles(graph: Graph) -> set[frozenset[str]]:
    """Groups of nodes that import each other, by Tarjan's strongly connected components."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: set[frozenset[str]] = set()

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in graph.get(node, ()):
            if target not in index:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            group = set(stack[stack.index(node) :])
            del stack[stack.index(node) :]
            if len(group) > 1:
                found.add(frozenset(group))

    for node in graph:
        if node not in index:
            visit(node)
    return found
