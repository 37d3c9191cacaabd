"""Where the camera stands in each frame, and what that does to a layer.

The scene is that of the Blender build of image planes: the nearest plane lies at the distance that
a 50 mm lens needs to just hold the picture, each other one stands a fixed offset behind the one
above it, and is scaled up so that all of them together are the picture, seen from the rest pose.
Planes face the camera and the camera does not turn, so each layer is only scaled and shifted.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import InputError
from ..product_settings import ParallaxSettings

__all__ = ["LENS", "CameraPose", "camera_path", "plane_depths"]

# Distance of the nearest plane, in widths of the picture: a 50 mm lens before 36 mm of film.
LENS = 50.0 / 36.0
# Distance between neighbouring planes by default, and at most between the first and the last, in
# heights of the picture.
OFFSET, MAX_SPREAD = 0.1, 1.0
# The camera stays so far from the nearest plane, as a share of its resting distance.
MIN_CLEARANCE = 0.2


@dataclass(frozen=True)
class CameraPose:
    """Where the camera is, relative to the resting pose, in which it sees exactly the picture.

    Attributes:
        right, up: in widths of the picture on the nearest plane.
        ahead: towards the picture, as a share of the resting distance to the nearest plane.
        zoom: of the lens; 1 is the resting one.
    """

    right: float = 0.0
    up: float = 0.0
    ahead: float = 0.0
    zoom: float = 1.0

    def view(self, depth: float) -> tuple[float, float, float]:
        """Scale and shift (right, up, in widths) of a plane `depth` resting distances away."""
        near = depth - self.ahead
        return (
            self.zoom * depth / near,
            -self.zoom * self.right / near,
            -self.zoom * self.up / near,
        )


def plane_depths(layers: int, aspect: float, offset: float) -> list[float]:
    """Distance of each plane, bottom to top, in resting distances; the nearest is 1.

    Args:
        layers: how many planes.
        aspect: width over height of the picture.
        offset: between neighbours, in heights of the picture; 0 for OFFSET, but with no more than
            MAX_SPREAD between the nearest and the farthest.
    """
    offset = offset or min(OFFSET, MAX_SPREAD / max(1, layers - 1))
    step = offset / (LENS * aspect)
    return [1.0 + step * behind for behind in reversed(range(layers))]


def camera_path(
    settings: ParallaxSettings, aspect: float, farthest: float = 1.0
) -> list[CameraPose]:
    """One pose per frame; the last is followed by the first without a jump.

    Args:
        settings: motion, length and amount.
        aspect: width over height of the picture.
        farthest: distance of the farthest plane, which "breathe" keeps at its size.

    Raises InputError when the move would end in the picture.
    """
    motion = _MOTIONS[settings.motion]
    count = settings.frame_count
    poses = [motion(k / count, settings.amount, aspect, farthest) for k in range(count)]
    if max(pose.ahead for pose in poses) > 1.0 - MIN_CLEARANCE:
        raise InputError(
            f"An amount of {settings.amount:g} takes the camera through the picture; choose a "
            "smaller one."
        )
    return poses


def _swing(share: float) -> float:
    """0 at the start, 1 halfway, 0 at the end, without a corner anywhere."""
    return 0.5 - 0.5 * math.cos(2.0 * math.pi * share)


def _dolly(share: float, amount: float, _aspect: float, _farthest: float) -> CameraPose:
    """Straight towards the picture and back."""
    return CameraPose(ahead=3.0 * amount * _swing(share))


def _orbit(share: float, amount: float, aspect: float, _farthest: float) -> CameraPose:
    """A circle in a plane, so far forward that no border of the picture comes into sight.

    On every plane, a step to the side needs one forward, of twice its share of the width.
    """
    reach = amount * LENS
    turn = 2.0 * math.pi * share
    up = reach * math.sin(turn) / aspect
    return CameraPose(reach * math.cos(turn), up, 2.0 * reach)


def _kenburns(share: float, amount: float, aspect: float, _farthest: float) -> CameraPose:
    """From one corner, slowly closer, towards the opposite one, and back."""
    reach = amount * LENS
    along = 2.0 * _swing(share) - 1.0
    ahead = 2.0 * reach + amount * (1.0 + along)
    return CameraPose(reach * along, -reach * along / aspect, ahead)


def _breathe(share: float, amount: float, _aspect: float, farthest: float) -> CameraPose:
    """Forward while the lens widens: the farthest layer keeps its size, nearer ones swell."""
    ahead = 3.0 * amount * _swing(share)
    return CameraPose(ahead=ahead, zoom=(farthest - ahead) / farthest)


_MOTIONS: dict[str, Callable[[float, float, float, float], CameraPose]] = {
    "dolly": _dolly,
    "orbit": _orbit,
    "kenburns": _kenburns,
    "breathe": _breathe,
}
