"""Camera moves: the picture at rest, near layers ahead of far ones, loops without a seam."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth.errors import InputError, UnavailableError
from illustrators_depth.layering import decompose
from illustrators_depth.parallax import CameraPose, ParallaxRenderer, camera_path, write_parallax
from illustrators_depth.parallax import video as video_module
from illustrators_depth.product_settings import MOTIONS, ParallaxSettings
from illustrators_depth.types import LayerStack
from tests.engine.drawings import Drawing, stacked_discs

SHORT = ParallaxSettings(seconds=0.4, fps=10.0, height=64)


@pytest.fixture(scope="module")
def drawing() -> Drawing:
    return stacked_discs()


@pytest.fixture(scope="module")
def stack(drawing: Drawing) -> LayerStack:
    return decompose(drawing.image, drawing.depth)


def test_at_rest_it_is_the_picture(drawing: Drawing, stack: LayerStack) -> None:
    renderer = ParallaxRenderer(stack, (stack.width, stack.height), 0.1)
    frame = renderer.frame(CameraPose())
    assert frame[..., 3].min() == 255
    error = np.abs(frame[..., :3] / 255.0 - drawing.image.over())
    assert error.mean() < 0.004 and np.quantile(error, 0.99) < 0.06


def test_near_layers_move_more(stack: LayerStack) -> None:
    pose = CameraPose(right=0.05)
    shifts = [pose.view(depth)[1] for depth in (1.0, 1.5, 3.0)]
    assert shifts[0] == pytest.approx(-0.05)
    assert shifts[0] < shifts[1] < shifts[2] < 0.0


@pytest.mark.parametrize("motion", MOTIONS)
@pytest.mark.parametrize("aspect", [0.5, 1.0, 2.0])
def test_loops_have_no_seam_and_hide_the_borders(motion: str, aspect: float) -> None:
    farthest = 1.8
    poses = camera_path(ParallaxSettings(motion=motion), aspect, farthest)
    assert len(poses) == 120
    track = np.array([(p.right, p.up, p.ahead, p.zoom) for p in poses])
    steps = np.linalg.norm(np.diff(track, axis=0, append=track[:1]), axis=1)
    assert steps[-1] <= 1.2 * steps[:-1].max()
    assert np.ptp(track, axis=0).max() > 0.02
    for pose in poses:
        for depth in (1.0, 1.3, farthest):
            scale, right, up = pose.view(depth)
            # Half the picture, scaled, still reaches past half a frame on every side.
            assert scale / 2.0 - abs(right) >= 0.5 - 1e-9
            assert scale / 2.0 / aspect - abs(up) >= 0.5 / aspect - 1e-9


def test_no_border_shows_in_pixels(stack: LayerStack) -> None:
    renderer = ParallaxRenderer(stack, (96, 76), 0.1)
    for motion in MOTIONS:
        settings = ParallaxSettings(motion=motion, seconds=1.0, fps=6.0)
        for pose in camera_path(settings, stack.width / stack.height, renderer.farthest):
            assert renderer.frame(pose)[..., 3].min() == 255


def test_mp4(tmp_path: Path, stack: LayerStack) -> None:
    movie = write_parallax(stack, tmp_path / "m.mp4", SHORT)
    assert movie.frames == 4 and movie.size == (80, 64)
    capture = cv2.VideoCapture(str(movie.path))
    frames = []
    while (read := capture.read())[0]:
        frames.append(read[1])
    assert len(frames) == 4 and frames[0].shape == (64, 80, 3)
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(10.0)
    page = write_parallax(stack, tmp_path / "frames", SHORT).path
    first = cv2.imread(str(min(page.glob("*.png"))))
    assert np.abs(first.astype(float) - frames[0]).mean() < 9.0


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_animations_last_as_long_as_asked_and_repeat(
    tmp_path: Path, stack: LayerStack, suffix: str
) -> None:
    movie = write_parallax(stack, tmp_path / f"m{suffix}", SHORT)
    with PilImage.open(movie.path) as opened:
        assert (opened.n_frames, opened.size, opened.info["loop"]) == (4, (80, 64), 0)
        total = 0
        for k in range(4):
            opened.seek(k)
            opened.load()
            total += opened.info["duration"]
    assert total == 400


@pytest.mark.parametrize("name", ["m.webp", "m.gif", "frames"])
def test_alpha_is_kept(tmp_path: Path, stack: LayerStack, name: str) -> None:
    from dataclasses import replace

    front = replace(stack, layers=(replace(stack.layers[0], hidden=True), *stack.layers[1:]))
    settings = ParallaxSettings(seconds=0.4, fps=10.0, height=64, alpha=True, motion="dolly")
    path = write_parallax(front, tmp_path / name, settings).path
    with PilImage.open(min(path.glob("*.png")) if path.is_dir() else path) as opened:
        alpha = np.asarray(opened.convert("RGBA"))[..., 3]
    assert alpha[0, 0] == 0 and alpha.max() == 255
    with pytest.raises(InputError, match="no transparency"):
        write_parallax(front, tmp_path / "m.mp4", settings)


def test_a_shorter_move_replaces_all_frames(tmp_path: Path, stack: LayerStack) -> None:
    folder = write_parallax(stack, tmp_path / "frames", SHORT).path
    (folder / "notes.txt").write_text("mine")
    fewer = ParallaxSettings(seconds=0.2, fps=10.0, height=32)
    write_parallax(stack, folder, fewer, overwrite=True)
    listed = json.loads((folder / "frames.json").read_text())["frames"]
    assert sorted(p.name for p in folder.glob("*.png")) == [each["file"] for each in listed]
    assert len(listed) == 2 and (folder / "notes.txt").exists()


def test_without_ffmpeg_and_without_any_codec(
    tmp_path: Path, stack: LayerStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_module, "ffmpeg_program", lambda: None)
    assert write_parallax(stack, tmp_path / "a.mp4", SHORT).codec == "MPEG-4 Part 2"

    class NoWriter:
        def __init__(self, *_: object) -> None: ...

        fourcc = staticmethod(lambda *_: 0)

        def isOpened(self) -> bool:  # noqa: N802
            return False

        def release(self) -> None: ...

    monkeypatch.setattr(cv2, "VideoWriter", NoWriter)
    with pytest.raises(UnavailableError, match="Nothing on this machine writes MP4"):
        write_parallax(stack, tmp_path / "b.mp4", SHORT)
    broken = tmp_path / "ffmpeg"
    broken.write_text("#!/bin/sh\necho 'Unknown encoder libx264' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(video_module, "ffmpeg_program", lambda: str(broken))
    with pytest.raises(InputError, match="Unknown encoder libx264"):
        write_parallax(stack, tmp_path / "c.mp4", SHORT)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mp4", "ffmpeg"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"motion": "spin"}, "motion must be orbit"),
        ({"seconds": 0.0}, "seconds"),
        ({"seconds": float("nan")}, "seconds"),
        ({"fps": -1.0}, "fps"),
        ({"seconds": 600.0, "fps": 120.0}, "more than 3600"),
        ({"amount": -0.1}, "amount"),
        ({"offset": float("inf")}, "offset"),
        ({"height": 1}, "height"),
        ({"background": "white"}, "#rrggbb"),
    ],
)
def test_settings_out_of_range(values: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        ParallaxSettings.from_dict(values)


def test_places_that_cannot_be_written(tmp_path: Path, stack: LayerStack) -> None:
    with pytest.raises(InputError, match=r"\.mp4, \.webp, \.gif"):
        write_parallax(stack, tmp_path / "m.avi", SHORT)
    with pytest.raises(InputError, match="through the picture"):
        write_parallax(stack, tmp_path / "m.mp4", ParallaxSettings(amount=0.25, motion="kenburns"))
    (tmp_path / "old.mp4").write_text("old")
    with pytest.raises(InputError, match="exists"):
        write_parallax(stack, tmp_path / "old.mp4", SHORT)
    assert [p.name for p in tmp_path.iterdir()] == ["old.mp4"]
