"""Edits written as short texts, for the command line and for scripts: "merge 2 3 name=sky".

Layers are named by their number from the bottom, 1 first, or by their exact name.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..edit_usage import OPERATIONS
from ..errors import InputError
from ..io.names import counted
from ..types import DepthMap, LayerStack
from .attributes import delete, hide, recolor, rename, show
from .insert import Placement, insert
from .merge import merge, threshold
from .order import bring_forward, reorder, send_back
from .split import split

__all__ = ["OPERATIONS", "apply_operation", "apply_operations", "find_layer"]


@dataclass(frozen=True)
class _Call:
    """One operation taken apart: positional words and key=value options."""

    text: str
    words: list[str]
    options: dict[str, str]
    stack: LayerStack
    depth: DepthMap | None

    def layer(self, word: str) -> int:
        """Index of a layer given by number (from 1) or name."""
        try:
            return find_layer(self.stack, word)
        except InputError as error:
            raise self.wrong(str(error)) from None

    def layers(self) -> list[int]:
        """The layers that the positional words name, at least one."""
        words = [w for word in self.words for w in (word.split(",") if "," in word else [word])]
        if not words:
            raise self.wrong("name at least one layer")
        return [self.layer(word) for word in words]

    def exactly(self, count: int) -> list[str]:
        if len(self.words) != count:
            raise self.wrong(f"it takes {count} word{'s' if count != 1 else ''} after its name")
        return self.words

    def number(self, key: str, default: float | None = None) -> float | None:
        if key not in self.options:
            return default
        try:
            return float(self.options[key])
        except ValueError:
            raise self.wrong(f"{key} must be a number, not {self.options[key]!r}") from None

    def whole(self, key: str, default: int) -> int:
        value = self.number(key, default)
        if value is None or value != int(value):
            raise self.wrong(f"{key} must be a whole number")
        return int(value)

    def wrong(self, why: str) -> InputError:
        usage = OPERATIONS.get(self.text.split()[0].replace("-", "_"), "")
        hint = f" Usage: {usage}" if usage else ""
        return InputError(f"Cannot do {self.text!r}: {why}.{hint}")


def find_layer(stack: LayerStack, word: str, option: str = "") -> int:
    """Index of a layer given by number (from 1) or name; InputError when there is none.

    option: what was typed before the word, for a sentence that stands alone.
    """
    named = [i for i, layer in enumerate(stack.layers) if layer.name == word]
    if len(named) == 1:
        return named[0]
    why = ""
    if len(named) > 1:
        why = f"{len(named)} layers are called {word!r}; use its number"
    elif not word.isdecimal():
        why = f"no layer is called {word!r}"
    elif not 1 <= int(word) <= len(stack):
        why = f"there is no layer {word}, they are numbered 1 to {len(stack)}"
    if why:
        raise InputError(f"{option} {word}: {why}." if option else why)
    return int(word) - 1


_OPTION_NAMES = {
    "merge": {"name"},
    "split": {"by", "count", "at"},
    "bring_forward": {"steps"},
    "send_back": {"steps"},
    "insert": {"at", "x", "y", "scale", "rotate", "name"},
}


def apply_operations(
    stack: LayerStack, operations: Sequence[str], depth: DepthMap | None = None
) -> LayerStack:
    """Apply edits one after another; a mistake in any of them raises and changes nothing."""
    for text in operations:
        stack = apply_operation(stack, text, depth)
    return stack


def apply_operation(stack: LayerStack, text: str, depth: DepthMap | None = None) -> LayerStack:
    """Apply one edit given as text; see `OPERATIONS` for what can be written.

    Args:
        stack: the layers.
        text: words as in a shell, quotes around those with spaces.
        depth: the picture's depth map, for "split by=threshold".

    Raises:
        InputError: unknown operation, wrong arguments, or whatever the edit itself raises.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise InputError(f"Cannot read {text!r}: {error}; check its quotes.") from error
    if not words or words[0].replace("-", "_") not in OPERATIONS:
        raise InputError(f"Unknown operation {text!r}; known: {', '.join(OPERATIONS)}.")
    name = words[0].replace("-", "_")
    keys = _OPTION_NAMES.get(name, set())
    options = {w.split("=", 1)[0]: w.split("=", 1)[1] for w in words[1:] if _key(w) in keys}
    positional = [w for w in words[1:] if _key(w) not in keys]
    return _HANDLERS[name](_Call(text, positional, options, stack, depth))


def _key(word: str) -> str | None:
    return word.split("=", 1)[0] if "=" in word else None


def _merge(call: _Call) -> LayerStack:
    return merge(call.stack, call.layers(), call.options.get("name"))


def _split(call: _Call) -> LayerStack:
    (layer,) = call.exactly(1)
    by = call.options.get("by", "parts")
    index, count = call.layer(layer), call.whole("count", 2)
    return split(call.stack, index, by, count, call.number("at"), call.depth)


def _move(call: _Call) -> LayerStack:
    (layer,) = call.exactly(1)
    move = bring_forward if call.text.replace("-", "_").startswith("bring") else send_back
    return move(call.stack, call.layer(layer), call.whole("steps", 1))


def _hide(call: _Call) -> LayerStack:
    change = hide if call.text.startswith("hide") else show
    stack = call.stack
    for index in call.layers():
        stack = change(stack, index)
    return stack


def _rename(call: _Call) -> LayerStack:
    layer, name = call.exactly(2)
    return rename(call.stack, call.layer(layer), name)


def _recolor(call: _Call) -> LayerStack:
    layer, color = call.exactly(2)
    digits = color.removeprefix("#")
    if len(digits) != 6 or any(d not in "0123456789abcdefABCDEF" for d in digits):
        raise call.wrong(f"{color!r} is no colour; write it as #RRGGBB, such as #FFA500")
    red, green, blue = (int(digits[i : i + 2], 16) / 255.0 for i in (0, 2, 4))
    return recolor(call.stack, call.layer(layer), (red, green, blue))


def _insert(call: _Call) -> LayerStack:
    (file,) = call.exactly(1)
    if "at" not in call.options:
        raise call.wrong("say where with at=NUMBER, 1 for the bottom")
    scale, turn = call.number("scale", 1.0), call.number("rotate", 0.0)
    place = Placement(call.number("x"), call.number("y"), scale or 0.0, turn or 0.0)
    at, highest = call.whole("at", 1), len(call.stack) + 1
    if not 1 <= at <= highest:
        raise call.wrong(f"at must lie between 1 (the bottom) and {highest} (the top), not {at}")
    return insert(call.stack, Path(file), at - 1, place, call.options.get("name"))


def _reorder(call: _Call) -> LayerStack:
    order = call.layers()
    if sorted(order) != list(range(len(call.stack))):
        raise call.wrong(
            f"name each of the {counted(len(call.stack), 'layer')} once, from the bottom up"
        )
    return reorder(call.stack, order)


def _threshold(call: _Call) -> LayerStack:
    (value,) = call.exactly(1)
    try:
        at = float(value)
    except ValueError:
        raise call.wrong(f"{value!r} is no number") from None
    return threshold(call.stack, at)


_HANDLERS: dict[str, Callable[[_Call], LayerStack]] = {
    "merge": _merge,
    "split": _split,
    "reorder": _reorder,
    "bring_forward": _move,
    "send_back": _move,
    "hide": _hide,
    "show": _hide,
    "rename": _rename,
    "recolor": _recolor,
    "delete": lambda call: delete(call.stack, call.layers()),
    "insert": _insert,
    "threshold": _threshold,
}
