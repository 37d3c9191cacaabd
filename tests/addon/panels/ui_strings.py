"""Every string that the add-on shows in Blender's interface, collected from what is registered and
from the source of the panels."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import bpy

__all__ = ["registered_strings", "reports", "source_strings"]

# A word in capitals or lower case is an identifier or an icon; a label has both, or several words.
_LABEL = re.compile(r"^[A-Z0-9].*[a-z ]|^[A-Z]$")


def registered_strings(addon: ModuleType) -> Iterator[tuple[str, str]]:
    """(where, string) of labels, descriptions, properties and menu items of all our classes.

    A property without a description is for the code only and is drawn nowhere.
    """
    for cls in addon._CLASSES:
        name = cls.__name__
        kind = name.split("_")[1]
        if kind == "OT":
            operator = getattr(bpy.ops.illdepth, cls.bl_idname.split(".")[1]).get_rna_type()
            yield from ((name, text) for text in (operator.name, operator.description))
            properties = operator.properties
        else:
            # A preset menu is renamed after the preset chosen last; its own name is in SECTIONS.
            section = name.removeprefix("ILLDEPTH_PT_").removesuffix("_presets")
            own = addon.operators.presets.SECTIONS.get(section, (None,))[0]
            yield name, own or getattr(cls, "bl_label", "")
            base = {p.identifier: p.description for p in cls.bl_rna.base.properties}
            properties = [
                p for p in cls.bl_rna.properties if base.get(p.identifier) != p.description
            ]
        for item in properties:
            if not item.description or item.is_hidden or item.identifier == "rna_type":
                continue
            where = f"{name}.{item.identifier}"
            yield from ((where, text) for text in (item.name, item.description))
            for choice in getattr(item, "enum_items_static", ()):
                yield from ((where, text) for text in (choice.name, choice.description))


def source_strings(addon: ModuleType) -> Iterator[tuple[str, str]]:
    """(where, string) of literal texts: `text=`, `heading=` and poll messages anywhere, and what
    looks like a label in the panels."""
    home = Path(str(addon.__file__)).parent
    for path in sorted(home.rglob("*.py")):
        if path.parent.name in ("translations",) or "presets" in path.relative_to(home).parts[:-1]:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        where = str(path.relative_to(home))
        documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                spoken = [k.value for k in node.keywords if k.arg in ("text", "heading")]
                if isinstance(node.func, ast.Attribute) and node.func.attr == "poll_message_set":
                    spoken += node.args
                for value in spoken:
                    yield from ((f"{where}:{c.lineno}", c.value) for c in _texts(value))
            elif path.parent.name == "panels" and isinstance(node, ast.Constant):
                if id(node) in documents or not isinstance(node.value, str):
                    continue
                text = node.value
                if " " in text or (_LABEL.match(text) and not text.isidentifier()):
                    yield f"{where}:{node.lineno}", text


def reports(addon: ModuleType) -> Iterator[tuple[str, str]]:
    """(where, string) of what is said to the user in reports and in the panel's own sentence, and
    of what is marked as translatable.

    Raises AssertionError for a sentence put together where it is said: no table can hold that.
    Sentences of the engine (errors and what was written), which stay English, come from calls.
    """
    home = Path(str(addon.__file__)).parent
    for path in sorted(home.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef | ast.ClassDef):
                continue
            for node in ast.walk(function):
                if not isinstance(node, ast.Call):
                    continue
                where = f"{path.relative_to(home)}:{node.lineno}"
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in ("reported", "translatable") and _is_literal(node.args[0]):
                    yield where, node.args[0].value
                elif name == "report" and len(node.args) == 2:
                    yield from ((where, text) for text in _said(node.args[1], function, where))
                elif name == "show_problem" and len(node.args) == 1:
                    yield from ((where, text) for text in _said(node.args[0], function, where))


def _is_literal(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _said(node: ast.AST, function: ast.AST, where: str) -> Iterator[str]:
    """Literals among what may be said; a variable says what the function puts into it."""
    if _is_literal(node):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _said(node.body, function, where)
        yield from _said(node.orelse, function, where)
    elif isinstance(node, ast.Name):
        for inner in ast.walk(function):
            if isinstance(inner, ast.Assign) and any(
                isinstance(target, ast.Name) and target.id == node.id for target in inner.targets
            ):
                yield from _said(inner.value, function, where)
    else:
        together = isinstance(node, ast.JoinedStr | ast.BinOp)
        assert not together, f"{where}: say it with `reported`, or it stays English"


def _texts(node: ast.AST) -> Iterator[ast.Constant]:
    """String literals in an expression; those in f-strings are the test's to complain of."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner
