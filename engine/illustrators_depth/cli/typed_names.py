"""Settings called by their options in messages: `--gap-mm`, as typed, rather than `gap_mm`."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["with_typed_names"]

# Fields that no option is named after, by the option's parameter.
_FIELDS = {"network_size": "size", "complete": "completion"}


def with_typed_names(message: str, options: Mapping[str, str]) -> str:
    """A message with the names of settings replaced by those of options.

    Names of one word are words of sentences, too: these are only replaced at the beginning, where
    settings' own messages have them.

    options: parameter -> option as typed ("gap_mm" -> "--gap-mm").
    """
    for parameter, option in options.items():
        name = _FIELDS.get(parameter, parameter)
        place = r"^{}(?= must )" if "_" not in name else r"(?<![\w./-]){}(?![\w/-]|\.\w)"
        message = re.sub(place.format(re.escape(name)), option, message)
    return re.sub(r"(--[a-z0-9-]+) \(\1\)", r"\1", message)
