"""Docstrings tell the truth: what "Args:" and "Attributes:" name exists, and what is quoted, too.

A name in backticks counts as quoted code if it is one identifier, called or not, or a path that
ends in `.py`. It has to occur somewhere in the code; that it is the right one no test can tell.
"""

from __future__ import annotations

import ast
import builtins
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from .source_graph import ROOT, parsed

HOMES = ("engine", "illustrators_depth_addon", "training", "scripts", "benchmarks")
Function = ast.FunctionDef | ast.AsyncFunctionDef
Classes = Mapping[str, list[ast.ClassDef]]

_SECTION = re.compile(r"( *)(Args|Attributes|Returns|Raises|Yields|Notes?|Examples?):$")
_NAMES = r"\*{0,2}[A-Za-z_]\w*(?:(?:, | and |, and )\*{0,2}[A-Za-z_]\w*)*"
# An entry begins a line of the section, or follows a full stop on one.
_ENTRY = re.compile(rf"(?:^|\. )({_NAMES}): ")
_QUOTED = re.compile(r"`((?:[\w-]+/)*\w+\.py|[A-Za-z_]\w*(?:\([^`]*\))?)`")

_QUOTING_COMMENT = re.compile(r"#.*`")


def documented(docstring: str, section: str) -> list[str]:
    """Names that a section of a docstring explains, in order."""
    names: list[str] = []
    inside, head, indent = "", 0, 0
    for line in docstring.splitlines():
        own = len(line) - len(line.lstrip())
        if title := _SECTION.match(line):
            inside, head, indent = title[2], len(title[1]), 0
        elif inside and line.strip():
            if own <= head:
                inside = ""
            indent = indent or own
            if inside == section and own == indent:
                for entry in _ENTRY.finditer(f"{line.strip()} "):
                    names += [name.lstrip("*") for name in re.split(r",? and |, ", entry[1])]
    return names


def parameters(function: Function) -> set[str]:
    """Names of a function's parameters."""
    rest = [arg for arg in (function.args.vararg, function.args.kwarg) if arg]
    args = function.args
    return {arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs, *rest)}


def members(node: ast.ClassDef, classes: Classes, below: frozenset[str] = frozenset()) -> set[str]:
    """Names of a class's fields, properties and methods, those of its bases in the house too."""
    found: set[str] = set()
    for child in ast.walk(node):
        if isinstance(child, Function):
            found.add(child.name)
        elif isinstance(child, ast.Name | ast.Attribute) and isinstance(child.ctx, ast.Store):
            found.add(child.id if isinstance(child, ast.Name) else child.attr)
    for base in node.bases:
        name = ast.unparse(base).split("[")[0].split(".")[-1]
        if name not in below:
            for other in classes.get(name, []):
                found |= members(other, classes, below | {node.name})
    return found


def misnamed(tree: ast.Module, classes: Classes) -> Iterator[str]:
    """Names in "Args:" that are no parameter, in "Attributes:" that are no member."""
    for node in ast.walk(tree):
        if not isinstance(node, Function | ast.ClassDef):
            continue
        text = ast.get_docstring(node) or ""
        if isinstance(node, ast.ClassDef):
            own = members(node, classes)
            yield from (f"{node.name}.{n}" for n in documented(text, "Attributes") if n not in own)
            for child in node.body:
                own = own | (parameters(child) if isinstance(child, Function) else set())
        else:
            own = parameters(node)
        yield from (f"{node.name}({n})" for n in documented(text, "Args") if n not in own)


def prose(source: str, tree: ast.Module) -> list[str]:
    """Strings that are statements (docstrings) and comments."""
    texts = [
        node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ]
    if _QUOTING_COMMENT.search(source):  # reading tokens takes longer than all else
        tokens = tokenize.generate_tokens(io.StringIO(source).readline)
        texts += [token.string for token in tokens if token.type == tokenize.COMMENT]
    return [text for text in texts if isinstance(text, str)]


def code_names(tree: ast.Module) -> set[str]:
    """Identifiers of code, and words in its strings (options, keys), but not those of prose."""
    statements = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in statements:
                names |= set(re.findall(r"[A-Za-z_]\w*", node.value))
        else:
            fields = ("id", "attr", "arg", "name", "asname")
            values = [getattr(node, field, None) for field in fields]
            names |= {
                word for value in values if isinstance(value, str) for word in value.split(".")
            }
    return names


def unknown(texts: list[str], names: set[str], files: set[str]) -> Iterator[str]:
    """Quoted code that is neither a name nor a file."""
    for text in texts:
        for quoted in _QUOTED.findall(text):
            if quoted.endswith(".py"):
                known = any(file.endswith(f"/{quoted}") for file in files)
            else:
                known = quoted.partition("(")[0] in names
            if not known:
                yield quoted


@cache
def house_files() -> list[Path]:
    return [path for home in HOMES for path in sorted((ROOT / home).rglob("*.py"))]


def test_explained_arguments_and_attributes_exist() -> None:
    classes: dict[str, list[ast.ClassDef]] = {}
    for path in house_files():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ClassDef):
                classes.setdefault(node.name, []).append(node)
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in house_files()
        for name in misnamed(parsed(path), classes)
    ]
    assert not wrong, "these docstrings explain what the code does not have:\n" + "\n".join(wrong)


def test_quoted_code_exists() -> None:
    names = set(dir(builtins))
    for path in house_files():
        names |= code_names(parsed(path)) | {path.stem, path.parent.name}
    tests = sorted((ROOT / "tests").rglob("*.py"))
    files = {f"/{path.relative_to(ROOT)}" for path in (*house_files(), *tests)}
    wrong = [
        f"{path.relative_to(ROOT)}: `{quoted}`"
        for path in house_files()
        for quoted in unknown(prose(path.read_text("utf-8"), parsed(path)), names, files)
    ]
    assert not wrong, "this is quoted as code and is nowhere:\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        ('def f(a):\n    """X.\n\n    Args:\n        a: one. b: two.\n    """', ["f(b)"]),
        ('def f(a, *c):\n    """X.\n\n    Args:\n        a, *c, d: one.\n    """', ["f(d)"]),
        ('def f(a):\n    """X.\n\n    Args:\n        a: one\n            b: more.\n    """', []),
        ('def f(a):\n    """X.\n\n    Returns:\n        b: it.\n    """', []),
        ('class C(B):\n    """X.\n\n    Attributes:\n        a, b, c: it.\n    """\n\n    a: int',
         ["C.c"]),
    ],
)  # fmt: skip
def test_the_check_finds_misnamed_arguments(source: str, faults: list[str]) -> None:
    base = ast.parse("class B:\n    b: int = 0").body[0]
    assert isinstance(base, ast.ClassDef)
    assert list(misnamed(ast.parse(source), {"B": [base]})) == faults


def test_the_check_finds_unknown_code() -> None:
    source = (
        '"""See `gone`, `here()`, `io/lost.py` and `io/kept.py`."""\nhere = "word"  # `word`, `no`'
    )
    tree = ast.parse(source)
    texts = prose(source, tree)
    faults = list(unknown(texts, code_names(tree), {"/engine/io/kept.py"}))
    assert faults == ["gone", "io/lost.py", "no"]
