"""What writer and reader of `.idl` files agree on: names, version and bounds.

The format itself is described in docs/idl-format.md; a change of what is stored needs a new
`FORMAT_VERSION` and a line there.
"""

from __future__ import annotations

__all__ = ["FORMAT_NAME", "FORMAT_VERSION", "MANIFEST_MEMBER", "MAX_LAYERS", "MIMETYPE"]

FORMAT_NAME = "illustrators-depth-layers"
FORMAT_VERSION = 1
MANIFEST_MEMBER = "stack.json"
MIMETYPE = "application/x-illustrators-depth"
MAX_LAYERS = 4096
