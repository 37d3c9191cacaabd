"""Ten pictures as people bring them: examples, and made-up scenes of 20 to 60 layers.

The scenes come from the training package's generators with fixed seeds: gradients, outlines, cast
shadows, and soft edges, as a picture has them that was enlarged.
"""

from __future__ import annotations

from typing import Any

from ..harness.measure import ROOT

__all__ = ["PICTURES", "deep_picture"]

EXAMPLES = ("valley", "reef", "goldfish", "beach-trip")
_JPEG_QUALITY = 85

# Name -> generator, seed, share of the size that it is drawn at before it is enlarged, effects.
_SCENES: dict[str, tuple[str, int, float, tuple[str, ...]]] = {
    "gradients, outlined": ("make_scene", 12, 1.0, ()),
    "gradients, silhouettes": ("make_scene", 29, 1.0, ()),
    "outlined": ("make_scene", 41, 1.0, ()),
    "gradients, soft": ("make_scene", 36, 0.5, ()),
    "crowd, shaded": ("make_crowd", 1, 1.0, ("shadow", "shade")),
    "crowd, inked, soft": ("make_crowd", 22, 0.625, ("ink",)),
}
PICTURES = (*EXAMPLES, *_SCENES)


def deep_picture(name: str, side: int, jpeg: bool = False) -> Any:
    """One of `PICTURES` whose longest side has so many pixels, as an Image.

    jpeg: as a file of quality 85 gives it back.
    """
    import cv2
    import numpy as np

    from illustrators_depth.types import Image

    rgb = _example(name, side) if name in EXAMPLES else _scene(name, side)
    if jpeg:
        data = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1]
        rgb = cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]
    rgba = np.ones((*rgb.shape[:2], 4), np.float32)
    rgba[..., :3] = rgb / np.float32(255)
    return Image(rgba, f"{name}, JPEG" if jpeg else name)


def _example(name: str, side: int) -> Any:
    import cv2
    import numpy as np

    from illustrators_depth.io.pictures.read_image import read_image

    picture = read_image(ROOT / "examples" / f"{name}.png").over()
    scale = side / max(picture.shape[:2])
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    resized = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=way)
    return np.rint(np.clip(resized, 0, 1) * 255).astype(np.uint8)


def _scene(name: str, side: int) -> Any:
    import cv2
    import numpy as np

    from illustrators_depth_training import procedural
    from illustrators_depth_training.effects import EffectChances, apply_effects

    maker, seed, share, effects = _SCENES[name]
    rng = np.random.default_rng(seed)
    drawing = getattr(procedural, maker)(rng, round(share * min(side, 1024)))
    drawing = apply_effects(rng, drawing, EffectChances(**dict.fromkeys(effects, 1.0)))
    if drawing.rgb.shape[0] == side:
        return drawing.rgb
    return cv2.resize(drawing.rgb, (side, side), interpolation=cv2.INTER_CUBIC)
