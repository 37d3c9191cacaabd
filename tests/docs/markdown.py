"""Reads what the documentation promises: fenced blocks, links, anchors, commands."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *(ROOT / name for name in ("engine/README.md", "training/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "contrib").rglob("*.md")),
    ROOT / "examples" / "SOURCES.md",
]
_FENCE = re.compile(r"^( *)(`{3,})(.*?)\n(.*?)^\1\2 *$", re.MULTILINE | re.DOTALL)
# Programs that start a command of ours in a block that says nothing about its language.
PROGRAMS = ("make", "illustrators-depth", "illustrators-depth-training", "blender", "python")


@dataclass(frozen=True)
class Block:
    """A fenced block. `skip` is the reason in the info string for not running it, if any."""

    page: Path
    line: int
    language: str
    skip: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """Fenced blocks in order. One without a language that holds commands of ours counts as `sh`.

    Such a block was not written to be run as it stands: its commands are checked, not run.
    """
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        info, body = match[3].strip(), match[4]
        language = info.split()[0] if info else ""
        reason = re.search(r'skip="([^"]*)"', info)
        skip = reason[1] if reason else ""
        if not language and body.lstrip().startswith(PROGRAMS):
            language, skip = "sh", "not marked as runnable"
        line = text[: match.start()].count("\n") + 1
        found.append(Block(page, line, language, skip, body))
    return found


def commands(text: str) -> list[list[str]]:
    """The commands of a shell block, split into words: no comments, variables or redirections."""
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        words: list[str] = []
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
        lexer.whitespace_split = True
        for word in lexer:
            if word and set(word) <= set("|&;"):
                found.append(words)
                words = []
            else:
                words.append(word)
        found.append(words)
    # NAME=value in front of a command sets its environment.
    tidy = []
    for words in found:
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words = words[1:]
        if words:
            tidy.append(words)
    return tidy


def without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", _FENCE.sub("", text))


def links(page: Path) -> list[str]:
    """Targets of links and pictures, Markdown's and HTML's, outside code."""
    text = without_code(page.read_text(encoding="utf-8"))
    inline = re.findall(r"\]\(<?([^)\s>]+)>?(?: \"[^\"]*\")?\)", text)
    html = re.findall(r"<(?:img|source|a)\b[^>]*?\b(?:src|srcset|href)=\"([^\"]+)\"", text)
    return [*inline, *html]


def anchors(page: Path) -> set[str]:
    """The names of a page's headings, as GitHub makes them."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    found: set[str] = set()
    for heading in re.findall(r"^#+ +(.*?) *#*$", text, re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        number = 0
        while (name := f"{slug}-{number}" if number else slug) in found:
            number += 1
        found.add(name)
    return found
