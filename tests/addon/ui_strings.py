"""Every string that the add-on shows in Blender's interface, collected from what is registered and
from the source of the panels."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import bpy

__all__ = ["registered_strings", "source_strings"]

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


def _texts(node: ast.AST) -> Iterator[ast.Constant]:
    """String literals in an expression; those in f-strings are the test's to complain of."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner
