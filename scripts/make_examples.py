"""Renders examples/ and its SOURCES.md from free drawings of the package registries.

    .venv/bin/pip install resvg-py
    .venv/bin/python scripts/make_examples.py [--cache DIR] [--only NAME]

Needs apt-get (Debian's openclipart-svg) and npm (Fluent Emoji) once, to fill the cache. The
pictures are committed: nobody needs to run this to use the project.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import cv2

sys.path.insert(0, str(Path(__file__).parent))

from example_art.catalogue import EXAMPLES, Sources
from example_art.sources import Fluent, OpenClipart

OUT = Path(__file__).parent.parent / "examples"


# The MIT licence asks for its notice to travel with copies.
_MIT_NOTICE = """
## Fluent Emoji: MIT licence

Copyright (c) Microsoft Corporation.

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def main() -> None:
    """Render all examples, or those whose name starts with --only, and write SOURCES.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = Path(tempfile.gettempdir()) / "illustrators-depth-art"
    parser.add_argument("--cache", type=Path, default=default, help="where packages are kept")
    parser.add_argument("--only", default="", help="render only names that start with this")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    OUT.mkdir(exist_ok=True)
    cv2.setNumThreads(1)
    sources = Sources(Fluent(options.cache), OpenClipart(options.cache))
    for example in EXAMPLES:
        if example.file.startswith(options.only):
            example.save(sources, OUT / example.file)
            print(f"{example.file}  {(OUT / example.file).stat().st_size / 1e3:.0f} kB")
    (OUT / "SOURCES.md").write_text(_sources_page(), encoding="utf-8")


def _sources_page() -> str:
    rows = [
        "# Where the examples come from",
        "",
        "Rendered by `scripts/make_examples.py` from freely licensed drawings of package "
        "registries. Scenery drawn for this project is GPL-3.0-or-later like the rest of it; "
        "Fluent Emoji is (c) Microsoft Corporation, MIT licence; Open Clip Art Library drawings "
        "are in the public domain.",
        "",
        "| file | shows | source | drawings | author | licence |",
        "|---|---|---|---|---|---|",
    ]
    rows += [
        f"| `{e.file}` | {e.kind} | {e.source} | {e.original} | {e.author} | {e.licence} |"
        for e in EXAMPLES
    ]
    return "\n".join(rows) + "\n" + _MIT_NOTICE


if __name__ == "__main__":
    main()
