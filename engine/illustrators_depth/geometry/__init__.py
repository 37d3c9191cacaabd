"""From layers and depth to closed meshes in millimetres."""

from .relief import relief

__all__ = ["relief"]
