"""Writes docs/cli.md from the commands themselves, so that the page cannot lag behind them.

    .venv/bin/python scripts/cli_page.py [--check]

With --check nothing is written; the exit code is 1 when the page would change.
"""

from __future__ import annotations

import argparse
import enum
import importlib
import re
import sys
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
PROGRAMS = {
    "illustrators-depth": "illustrators_depth.cli.app",
    "illustrators-depth-training": "illustrators_depth_training.cli.app",
}
# What --help cannot say, for those who want more of one command.
MORE = {
    "illustrators-depth layers": "[editing.md](editing.md) says which program opens which file.",
    "illustrators-depth edit": "[editing.md](editing.md) has the operations and what undoes them.",
    "illustrators-depth vectorize": "How it compares: [editing.md](editing.md#svg).",
    "illustrators-depth batch": "Presets, resuming, clusters, render farms: [batch.md](batch.md).",
    "illustrators-depth relief": "Printers, carving, colour swaps: [printing.md](printing.md).",
    "illustrators-depth papercut": "More in [editing.md](editing.md#paper-cut-and-laser).",
    "illustrators-depth parallax": "Moves and formats: [scenes.md](scenes.md#without-blender).",
    "illustrators-depth-training data build": "[data.md](data.md) has sources, rules and formats.",
    "illustrators-depth-training train": "[training.md](training.md) goes from zero to a model.",
}

INTRODUCTION = """\
# The command line

<!-- Written by scripts/cli_page.py from the commands themselves; edit those, or the script. -->

Two programs, each with verbs. `illustrators-depth` comes with the engine
(`pip install illustrators-depth`, or the checkout's `.venv/bin` after `make relief`),
`illustrators-depth-training` with the training package. `--help` after any verb says what is below.

```sh
illustrators-depth layers picture.png -o picture.idl             # the costly step, once
illustrators-depth info picture.idl                              # what was found
illustrators-depth edit picture.idl --op "merge 1 2" -o new.idl  # change it
illustrators-depth relief new.idl -o print.stl --mode terraced   # and make things of it
illustrators-depth vectorize new.idl -o drawing.svg
```

What holds for every verb:

- **In**: a picture (PNG, JPEG, WebP, TIFF, EXR, BMP, GIF), or a file that holds its layers (`.svg`,
  `.psd`, `.ora`, `.kra`: [layered-files.md](layered-files.md)), or, for every verb but `depth`,
  layers saved before as `.idl`: then nothing is predicted, and edits are kept.
- **Out**: the ending of `-o` says the format. Without `-o` the output is named after the input and
  lies in the current folder. An existing file is never replaced without `--overwrite`; files appear
  whole or not at all.
- **Pipes**: `-` is standard input, or standard output where one file is made (`depth` as .png,
  `layers` and `edit` as .idl, `vectorize` and `papercut` as .svg, `relief` as .stl, `parallax` as
  .mp4); `-.psd`, `-.glb` ... is another kind of file. What is said then goes to stderr:
  `illustrators-depth layers - -o - < fox.png`.
- **Exit codes**: 0 done; 1 an error that nobody foresaw (`--debug` shows where); 2 something about
  the input or the options, said in one sentence on stderr;
  130 cancelled with Ctrl+C, 143 ended by SIGTERM. (`batch` has codes of its own.)
- **Devices**: `--device auto` takes the best that works and says which; `--device cuda` fails
  rather than fall back to the CPU.
- Nothing goes to the network unless an option says so.
"""


def tidy(text: str) -> str:
    """A help text as Markdown: rich's marks out, one line, no table breaks."""
    text = re.sub(r"\\?\[/?(bold|cyan|dim|italic|green|yellow)\]", "", text or "")
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())


def description(command: Any) -> tuple[list[str], list[str]]:
    """(paragraphs, example command lines) of a command's docstring."""
    paragraphs: list[str] = []
    examples: list[str] = []
    for part in re.split(r"\n\s*\n", (command.help or "").replace("\f", "").strip()):
        if part.strip().startswith("Example:"):
            examples.append(tidy(part).removeprefix("Example:").replace("&lt;", "<").strip())
        elif part.strip():
            paragraphs.append(tidy(part))
    return paragraphs, examples


def option_row(option: Any) -> str:
    names = [*option.opts, *option.secondary_opts]
    names_text = ", ".join(
        f"`{name}`" for name in sorted(names, key=lambda n: not n.startswith("--"))
    )
    default = option.default
    choices = ""
    if isinstance(default, enum.Enum):
        if f"{default.value}: " not in (option.help or ""):  # else the help explains each
            choices = " (" + ", ".join(str(kind.value) for kind in type(default)) + ")"
        default = default.value
    if option.required:
        default = "required"
    elif default is None or default == "" or default is False or callable(default):
        default = ""
    elif default is True:
        default = "on"
    help_text = tidy(option.help)
    return f"| {names_text} | {default} | {help_text}{choices} |"


def section(name: str, command: Any, shown_tables: dict[str, str]) -> list[str]:
    """The part of the page about one verb; `shown_tables`: each table and the verb that has it."""
    options = command.params  # loads what is loaded when it is used
    paragraphs, examples = description(command)
    lines = [f"### {name.partition(' ')[2]}", ""]
    for paragraph in paragraphs:
        lines += [paragraph, ""]
    if name in MORE:
        lines += [MORE[name], ""]
    if examples:
        lines += ['```sh skip="the pictures and models are yours"', *examples, "```", ""]
    panels: dict[str, list[str]] = {}
    arguments = []
    for option in options:
        if option.name == "help" or getattr(option, "hidden", False):
            continue
        if option.param_type_name == "argument":
            label = (option.metavar or option.name).upper()
            arguments.append(f"`{label}`: {tidy(option.help)}")
        else:
            panel = getattr(option, "rich_help_panel", None) or "Options"
            panels.setdefault(panel, []).append(option_row(option))
    if arguments:
        lines += ["; ".join(arguments), ""]
    verb = name.split()[-1]
    for panel, rows in panels.items():
        table = "\n".join(rows)
        if panel != "Options" and table in shown_tables:
            lines += [
                f"**{panel}**: the same as under [{shown_tables[table]}](#{shown_tables[table]}).",
                "",
            ]
            continue
        shown_tables[table] = verb
        lines += [f"| {panel.lower()} | default | |", "|---|---|---|", *rows, ""]
    return lines


def verbs(command: Any, name: str) -> list[tuple[str, Any]]:
    """(full name, command) of every verb, nested ones too."""
    sub_commands = getattr(command, "commands", None)
    if sub_commands is None:
        return [(name, command)]
    return [verb for key, sub in sub_commands.items() for verb in verbs(sub, f"{name} {key}")]


def page() -> str:
    import typer

    lines = [INTRODUCTION]
    for program, home in PROGRAMS.items():
        app = importlib.import_module(home).app
        lines += [f"## {program}", ""]
        shown_tables: dict[str, str] = {}
        for name, command in verbs(typer.main.get_command(app), program):
            lines += section(name, command, shown_tables)
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args()
    text = page()
    if options.check:
        is_current = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text
        if not is_current:
            print(f"{PAGE.name} lags behind the commands; run {Path(__file__).name}.")
        return 0 if is_current else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
