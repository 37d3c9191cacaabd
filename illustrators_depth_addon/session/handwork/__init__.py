"""Edits that the user made to layers, carried over to new layers of the same picture.

Three stacks meet here: `base`, as the layers once came from the picture; `before`, what the user
made of it; `new`, as they come from the picture now. What changed from `base` to `before` is done
to `new` where its layers match those of `base`. Plain functions over the engine's nouns; nothing
here knows Blender.
"""

from .carry import Carried, Handwork, carry
from .history import base_uids, has_handwork, with_base

__all__ = ["Carried", "Handwork", "base_uids", "carry", "has_handwork", "with_base"]
