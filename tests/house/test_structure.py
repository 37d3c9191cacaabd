"""The rooms of the house: no circles, no climbing imports, no state but one, no long function.

Exceptions are listed where a rule does not hold yet. A list may only become shorter: an entry that
is no longer needed fails the test as much as a new fault does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from .source_graph import (
    ADDON,
    ENGINE,
    TRAINING,
    Package,
    circles,
    folders,
    imports,
    parsed,
    room_of,
)

PACKAGES = (ENGINE, TRAINING, ADDON)
SHRINK = "mend what is new, and take out of the list above what holds by now"
MAX_FUNCTION_LINES = 60

# From the bottom up: a room imports from rooms before it, never from one after it.
ROOMS = {
    ADDON: (
        ("addon_data", "libraries", "log", "suppress_output", "threads", "timers", "translations"),
        ("context",),
        ("scene",),
        ("storage",),
        ("settings",),
        ("session",),
        ("editing",),
        ("properties",),
        ("operators",),
        ("panels",),
        ("handlers", "menus", "preferences"),
        ("api",),
        ("batch",),
        ("headless",),
        ("",),
    ),
    ENGINE: (
        ("blas_memory",),
        ("", "array_cache", "edit_usage", "errors", "progress", "raster", "threads"),
        ("settings", "types"),
        ("print_presets", "product_settings"),
        ("borders",),
        ("io", "outlines", "regions"),
        ("networks",),
        ("geometry", "layering"),
        ("predictors",),
        ("depth", "editing", "parallax", "printing", "tracing"),
        ("layered",),
        ("papercut", "pipeline", "text"),
        ("export",),
        ("worker",),
        ("batch",),
        ("cli",),
        ("__main__",),
    ),
    TRAINING: (
        ("", "checked_settings", "hardware"),
        ("data", "network_config", "output_files"),
        ("effects", "procedural"),
        ("samples",),
        ("evaluation", "packed"),
        ("hidden", "vector"),
        ("results",),
        ("export", "learning"),
        ("batched", "borders", "trainer"),
        ("device_run", "reproduce"),
        ("cli",),
    ),
}

LONG_FUNCTIONS = {
    "illustrators_depth_training": {"cli.evaluate_vector.evaluate_vector_command"},
}
# Name of a module-level variable that changes, outside of session/.
STATE = {"scene.images.packing._files", "scene.images.packing._shown"}
# What a module-level name may not be bound to: something that is there to be changed.
CONTAINERS = {"dict", "list", "set", "OrderedDict", "defaultdict", "deque", "Counter"}
CHANGING = CONTAINERS | {"ArrayCache", "Timer", "Session", "ThreadPoolExecutor", "WorkerClient"}


def by_name(package: Package) -> str:
    return package.name


@pytest.mark.parametrize("package", PACKAGES, ids=by_name)
def test_no_circle_between_files(package: Package) -> None:
    assert not circles(imports(package))


@pytest.mark.parametrize("package", PACKAGES, ids=by_name)
def test_no_circle_between_folders(package: Package) -> None:
    assert not circles(folders(imports(package)))


@pytest.mark.parametrize("package", ROOMS, ids=by_name)
def test_no_import_climbs(package: Package) -> None:
    height = {room: floor for floor, rooms in enumerate(ROOMS[package]) for room in rooms}
    between = folders(imports(package))
    strange = set(between) - set(height)
    assert not strange, f"{sorted(strange)} have no place in the order of rooms"
    climbing = {
        f"{room} -> {target}"
        for room, targets in between.items()
        for target in targets
        if height[target] >= height[room]
    }
    assert not climbing


@pytest.mark.parametrize("package", PACKAGES, ids=by_name)
def test_no_function_is_long(package: Package) -> None:
    long = {
        f"{module}.{node.name}"
        for module, path in package.files().items()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > MAX_FUNCTION_LINES
    }
    assert long == LONG_FUNCTIONS.get(package.name, set()), SHRINK


def test_the_add_on_remembers_in_its_session_only() -> None:
    """Module-level state anywhere else outlives files and the add-on's own end unnoticed."""
    state = {
        f"{module}.{name}"
        for module, path in ADDON.files().items()
        if room_of(module) != "session"
        for name in changing_names(parsed(path))
    }
    assert state == STATE, SHRINK


def changing_names(tree: ast.Module) -> Iterator[str]:
    """Names that a module rebinds from functions, or binds to something that is to be changed."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield from node.names
    for node in tree.body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        value = node.value
        empty = (isinstance(value, ast.Dict) and not value.keys) or (
            isinstance(value, ast.List) and not value.elts
        )
        called = value.func if isinstance(value, ast.Call) else None
        name = called.id if isinstance(called, ast.Name) else ""
        if empty or name in CHANGING:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (ast.unparse(target) for target in targets)


@pytest.mark.parametrize(
    "source",
    [
        "def use():\n    global worker\n    worker = 1",
        "kept = {}",
        "kept: list[int] = []",
        "kept = OrderedDict()",
    ],
)
def test_the_check_sees_state(source: str) -> None:
    assert len(list(changing_names(ast.parse(source)))) == 1


def test_the_check_sees_circles() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}
    assert circles(graph) == {frozenset("abc")}
    assert not circles({"a": {"b", "c"}, "b": {"c"}, "c": set()})


@pytest.mark.parametrize("package", PACKAGES, ids=by_name)
def test_what_is_imported_is_there(package: Package) -> None:
    """Two changes that meet may each pass alone: one moves a name, the other begins to use it."""
    files = package.files()
    missing = {
        f"{module}: {name} of {source}"
        for module, path in files.items()
        for source, name in imported_names(package, module, parsed(path))
        if not defines(files, source, name)
    }
    assert not missing


def imported_names(package: Package, module: str, tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Module of the same package, "" for its own `__init__`, and a name that is taken from it."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        words = (node.module or "").split(".") if node.module else []
        if node.level:
            source = [*module.split(".")[: -node.level], *words]
        elif words[:1] == [package.name]:
            source = words[1:]
        else:
            continue
        yield from ((".".join(source), alias.name) for alias in node.names)


def defines(files: Mapping[str, Path], source: str, name: str) -> bool:
    """Whether a module, or a folder, has a name: defined, imported, made on demand or a module."""
    inside = f"{source}.{name}".strip(".")
    if inside in files or f"{inside}.__init__" in files:
        return True
    path = files.get(source) or files.get(f"{source}.__init__".strip("."))
    if path is None:
        return False
    return bool({name, "__getattr__"} & names_of(path)) or name == "*"


@cache
def names_of(path: Path) -> frozenset[str]:
    """What a file defines, imports or assigns, at any depth."""
    names: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return frozenset(names)


def test_the_check_sees_what_is_missing() -> None:
    files = ENGINE.files()
    assert defines(files, "types", "LayerStack")
    assert defines(files, "raster", "tiling")
    assert not defines(files, "raster.tiling", "LayerStack")
    assert not defines(files, "nowhere", "anything")
