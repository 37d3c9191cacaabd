"""Settings of the camera's move among the layers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import InputError
from ..settings import Settings, setting

__all__ = ["MAX_FRAMES", "MOTIONS", "ParallaxSettings"]

_MOTIONS = {
    "orbit": "a flat circle",
    "dolly": "closer and back",
    "kenburns": "across, slowly closer",
    "breathe": "near layers swell",
}
MOTIONS = tuple(_MOTIONS)
MAX_FRAMES = 3600


@dataclass(frozen=True)
class ParallaxSettings(Settings):
    """How a camera moves among the layers of a picture.

    Attributes:
        motion: one of MOTIONS, each a loop: "orbit" (a flat circle), "dolly" (towards the picture
            and back), "kenburns" (across it, slowly closer) or "breathe" (near layers swell).
        seconds: length of the loop.
        fps: frames per second.
        amount: how far, as a share of the camera's distance.
        offset: distance between layers, in heights of the picture; 0 is 0.1, or less where there
            are so many layers that details would part from what they belong to.
        height: of the frames in pixels; 0 is the picture's, at most 1080 (480 for a GIF).
        alpha: keep transparency instead of laying a transparent picture over `background`.
        background: "#rrggbb" behind a transparent picture.
    """

    motion: str = setting(
        "orbit",
        "Motion",
        "How the camera moves, in a loop",
        choices=_MOTIONS,
    )
    seconds: float = setting(4.0, "Length", "Length of the loop, seconds", least=0.1, most=600.0)
    fps: float = setting(30.0, "Frame Rate", "Frames per second", least=1.0, most=120.0)
    amount: float = setting(
        0.04, "Amount", "How far, as a share of the camera's distance", least=0.0, most=0.25
    )
    offset: float = setting(
        0.0,
        "Offset",
        "Distance between layers, in heights of the picture; 0: by their number",
        least=0.0,
        most=10.0,
        unit="heights of the picture",
    )
    height: int = setting(
        0,
        "Height",
        "Height in pixels; 0: the picture's, at most 1080 (.gif: 480)",
        least=16,
        most=4320,
        zero="the picture's",
    )
    alpha: bool = setting(False, "Alpha", "Keep transparency (not .mp4)")
    background: str = setting("#ffffff", "Background", "Behind a transparent picture")

    @property
    def frame_count(self) -> int:
        return max(2, round(self.seconds * self.fps))

    def check(self) -> None:
        super().check()
        if self.frame_count > MAX_FRAMES:
            raise InputError(
                f"{self.seconds:g} seconds of {self.fps:g} frames are {self.frame_count} frames, "
                f"more than {MAX_FRAMES}; choose fewer."
            )
        self.require(
            "background",
            re.fullmatch(r"#[0-9a-fA-F]{6}", self.background) is not None,
            f"is written #rrggbb, not {self.background!r:.60}",
        )
