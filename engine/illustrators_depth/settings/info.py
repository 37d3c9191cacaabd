"""What a setting is for people, said once: its label, help, range, unit and choices.

The fields of the settings dataclasses carry it as metadata. Their checks, the command line's
options and Blender's properties are made from it, so that a range or a sentence is changed once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ..errors import InputError

__all__ = ["SettingError", "SettingInfo", "option_of", "setting", "setting_info"]

_METADATA = "setting"


@dataclass(frozen=True)
class SettingInfo:
    """How one field of a settings dataclass is shown, typed and checked.

    Attributes:
        label: its name on a control, in capitals like a title.
        help: what it does, one clause without a full stop.
        least, most: the ends of its range, both of them allowed; None for no end.
        above: the value must be larger than this, which takes the place of `least`.
        unit: what the number counts: "mm", "pixels", "degrees" ...; "" for none.
        zero: what 0 means, where 0 lies outside the range and is allowed all the same.
        choices: the texts that it can be, each with its help.
        option: its long option on the command line, where that is not the field's name.
        short: its option of one letter, such as "-n".
        metavar: how a list is typed: "T,T,..." (numbers), "WxH" (two sides) or "COLOR,..." (texts).
    """

    label: str
    help: str
    least: float | None = None
    most: float | None = None
    above: float | None = None
    unit: str = ""
    zero: str = ""
    choices: Mapping[str, str] | None = None
    option: str = ""
    short: str = ""
    metavar: str = ""

    def fault(self, value: Any) -> str:
        """What is wrong with a value of the right type: "must ..., not ...", or "" if it fits."""
        if self.choices is not None:
            fits, words = value in self.choices, f"must be {_alternatives(list(self.choices))}"
        elif self.least is None and self.most is None and self.above is None:
            return ""
        else:
            fits, words = self._in_range(value), self._range_words()
        shown = repr(value)[:60] if isinstance(value, str) else f"{value!s:.40}"
        return "" if fits else f"{words}, not {shown}"

    def _in_range(self, value: Any) -> bool:
        if self.zero and value == 0:
            return True
        floor = value > self.above if self.above is not None else self._bound(-1) <= value
        return bool(floor and value <= self._bound(1) and abs(value) < math.inf)

    def _bound(self, side: int) -> float:
        end = self.least if side < 0 else self.most
        return side * math.inf if end is None else end

    def _range_words(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        if self.above is not None:
            most = f" and at most {self.most:.10g}" if self.most is not None else ""
            words = f"be above {self.above:g}{most}{unit}"
        elif self.most is None:
            words = f"be at least {self.least:g}{unit}"
        elif self.least is None:
            words = f"be at most {self.most:.10g}{unit}"
        else:
            words = f"lie between {self.least:.10g} and {self.most:.10g}{unit}"
        return f"must {words}, or be 0 ({self.zero})" if self.zero else f"must {words}"


class SettingError(InputError):
    """A setting's value cannot be used; whoever shows it may name the setting as a person knows it.

    Attributes:
        owner: the settings dataclass.
        text: the sentence, its fields in braces: "{gap_mm} must be above 0, not -1.".
    """

    def __init__(self, owner: type, text: str) -> None:
        self.owner, self.text = owner, text
        super().__init__(self.named(str))

    def named(self, shown: Callable[[str], str]) -> str:
        """The sentence with every field as `shown` calls it."""
        text = self.text
        for each in fields(self.owner):
            text = text.replace(f"{{{each.name}}}", shown(each.name))
        return text

    @property
    def as_option(self) -> str:
        """The sentence for a command line: "--gap-mm must ..."."""
        return self.named(lambda name: option_of(self.owner, name))

    @property
    def as_label(self) -> str:
        """The sentence for a panel: "Gap must ..."."""
        return self.named(self._label)

    def _label(self, name: str) -> str:
        info = setting_info(self.owner, name)
        return info.label if info is not None else name


def setting(default: Any, label: str, help: str, **more: Any) -> Any:
    """A field of a settings dataclass; `more` are further attributes of SettingInfo."""
    return field(default=default, metadata={_METADATA: SettingInfo(label, help, **more)})


def setting_info(owner: type, name: str) -> SettingInfo | None:
    """What is said of a field, None where nothing is.

    Raises InputError when the dataclass has no such field.
    """
    for each in fields(owner):
        if each.name == name:
            info: SettingInfo | None = each.metadata.get(_METADATA)
            return info
    raise InputError(f"{owner.__name__} has no setting {name!r}.")


def option_of(owner: type, name: str) -> str:
    """The long option that sets a field on the command line, such as "--gap-mm"."""
    info = setting_info(owner, name)
    return (info.option if info is not None else "") or f"--{name.replace('_', '-')}"


def _alternatives(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]
