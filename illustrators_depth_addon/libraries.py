"""Checks that the libraries load, before anything else is imported; one sentence if not."""

from __future__ import annotations

from importlib import import_module

__all__ = ["check_libraries"]

# What Blender's own process needs; ONNX Runtime is the worker's, which answers for it.
_LIBRARIES = {"numpy": "NumPy", "cv2": "OpenCV", "illustrators_depth": "the engine"}


def check_libraries() -> None:
    """Raises ImportError with a sentence when a library is missing or does not fit."""
    for module, name in _LIBRARIES.items():
        try:
            import_module(module)
        except Exception as error:  # one that does not fit fails in many ways
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
            raise ImportError(
                f"Illustrator's Depth cannot load {name} ({reason}); another extension may have "
                "brought a version that does not fit: disable it, restart Blender and enable "
                "this one again."
            ) from None
