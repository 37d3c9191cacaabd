"""What painters, paper and screens do to a flat drawing; its layers stay what they are.

Each effect takes a generator and a `LayeredImage` or its pixels, and leaves the order untouched.
`apply_effects` draws which ones a training sample gets.
"""

from .mix import EffectChances, apply_effects

__all__ = ["EffectChances", "apply_effects"]
