"""A picture that moves: a camera among its layers, as video, animation or frames."""

from .camera import CameraPose, camera_path
from .render import ParallaxRenderer
from .write import write_parallax

__all__ = ["CameraPose", "ParallaxRenderer", "camera_path", "write_parallax"]
