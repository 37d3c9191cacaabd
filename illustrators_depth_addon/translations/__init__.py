"""The interface in other languages, one JSON file of English -> translation per language.

What the engine says in its error sentences stays English, as do names in files and the log.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bpy

__all__ = [
    "LANGUAGES",
    "load",
    "of_one",
    "register",
    "reported",
    "translatable",
    "translated",
    "unregister",
]

# File -> the names that Blender versions have for the language.
LANGUAGES = {"de": ("de_DE", "de")}

# Buttons look up an operator's name in a context of its own.
_CONTEXTS = ("*", "Operator")


def load(language: str) -> dict[str, str]:
    """English -> translation, from the language's file."""
    path = Path(__file__).with_name(f"{language}.json")
    texts: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return texts


def translated(text: str) -> str:
    """A text of the interface in the user's language, if that is switched on for labels."""
    translations: Any = bpy.app.translations  # the stubs are wrong about both functions
    return str(translations.pgettext_iface(text))


def translatable(text: str) -> str:
    """A text that `reported` or `translated` is asked for later: marked, but still English."""
    return text


def of_one(text: str) -> str:
    """What is said instead of a text that has {count} and a plural, where the count is 1."""
    singulars = {
        "{count} groups": translatable("{count} group"),
        "{count} layers from {name}": translatable("{count} layer from {name}"),
        "{count} layers were cut in two": translatable("{count} layer was cut in two"),
        "{name}: {count} layers": translatable("{name}: {count} layer"),
        "{name}: {count} layers inside": translatable("{name}: {count} layer inside"),
        "{name}: {count} layers, depth by {predictor} on {device}, {seconds:.1f} s": translatable(
            "{name}: {count} layer, depth by {predictor} on {device}, {seconds:.1f} s"
        ),
        "{name}: {count} planes": translatable("{name}: {count} plane"),
    }
    return singulars.get(text, text)


def reported(text: str, **values: Any) -> str:
    """A report in the user's language, if that is switched on for reports, with values filled in.

    A `count` of 1 takes the text's singular. What Blender is told as a plain literal it translates
    by itself.
    """
    if values.get("count") == 1:
        text = of_one(text)
    translations: Any = bpy.app.translations
    return str(translations.pgettext_rpt(text)).format(**values)


def register() -> None:
    table = {}
    for language, locales in LANGUAGES.items():
        texts = {
            (context, english): text
            for english, text in load(language).items()
            for context in _CONTEXTS
        }
        table.update(dict.fromkeys(locales, texts))
    translations: Any = bpy.app.translations
    translations.register(__package__ or __name__, table)


def unregister() -> None:
    bpy.app.translations.unregister(__package__ or __name__)
