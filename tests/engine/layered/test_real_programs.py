"""Files as other programs write them, and pictures of them as those programs draw them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from illustrators_depth import read_layers
from illustrators_depth.editing.flatten import flatten
from illustrators_depth.types import LayerStack

needs_inkscape = pytest.mark.skipif(not shutil.which("inkscape"), reason="Inkscape is not here")
needs_magick = pytest.mark.skipif(not shutil.which("convert"), reason="ImageMagick is not here")
needs_gimp = pytest.mark.skipif(not shutil.which("gimp"), reason="GIMP is not here")
needs_krita = pytest.mark.skipif(
    not (shutil.which("krita") and shutil.which("xvfb-run")), reason="Krita or Xvfb is not here"
)

DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" width="60mm" height="40mm" viewBox="0 0 60 40"
 xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape">
<g id="g1" inkscape:groupmode="layer" inkscape:label="sky"><rect width="60" height="40"
 style="fill:#aaccff"/></g>
<g id="g2" inkscape:groupmode="layer" inkscape:label="hill" transform="translate(0 4)">
<ellipse cx="20" cy="40" rx="30" ry="20" style="fill:#228833;stroke:#003300;stroke-width:2"/></g>
<g id="g3" inkscape:groupmode="layer" inkscape:label="draft" style="display:none">
<circle r="9"/></g>
<g id="g4" inkscape:groupmode="layer" inkscape:label="sun" style="opacity:0.5">
<path d="M40 10h10a5 5 0 0 1 -10 0z" style="fill:#ffaa00"/></g></svg>"""


def run(*words: str | Path) -> None:
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


def picture(path: Path) -> NDArray[np.float32]:
    """Premultiplied RGBA, 0 to 1."""
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    full = np.float32(np.iinfo(pixels.dtype).max)
    rgba = np.ones((*pixels.shape[:2], 4), np.float32)
    rgba[..., : pixels.shape[2]] = pixels / full
    rgba = rgba[..., [2, 1, 0, 3]]
    rgba[..., :3] *= rgba[..., 3:]
    return rgba


def flat(stack: LayerStack) -> NDArray[np.float32]:
    rgba = flatten(stack).rgba.copy()
    rgba[..., :3] *= rgba[..., 3:]
    return rgba


@needs_inkscape
@pytest.mark.parametrize("kind", ["svg", "plain"])
def test_inkscape_draws_what_the_layers_of_its_file_give(tmp_path: Path, kind: str) -> None:
    pytest.importorskip("resvg_py")
    source, saved, drawn = (tmp_path / name for name in ("in.svg", "out.svg", "out.png"))
    source.write_text(DRAWING)
    plain = ["--export-plain-svg"] if kind == "plain" else ["--export-type=svg"]
    run("inkscape", source, *plain, f"--export-filename={saved}")
    run("inkscape", saved, "--export-type=png", "-w", "600", f"--export-filename={drawn}")
    stack = read_layers(saved, size=600)
    if kind == "svg":
        names = [(layer.name, layer.hidden) for layer in stack]
        assert names == [("sky", False), ("hill", False), ("sun", False)] or names == [
            ("sky", False),
            ("hill", False),
            ("draft", True),
            ("sun", False),
        ]
        assert all(layer.outline is not None for layer in stack)
    assert stack.meta["dpi"][0] == pytest.approx(254.0, rel=1e-3)
    away = abs(picture(drawn) - flat(stack))
    assert np.percentile(away, 99) < 2.0 / 255.0  # edges are anti-aliased otherwise
    assert away.max() < 0.25


@needs_inkscape
def test_a_stroke_that_inkscape_made_a_path_is_ours(tmp_path: Path) -> None:
    pytest.importorskip("resvg_py")
    line = (
        '<path id="p" d="M10 30Q30 0 50 30L55 5" style="fill:none;stroke:#000000;stroke-width:4;'
        'stroke-linejoin:round;stroke-linecap:round"/></svg>'
    )
    source, saved = tmp_path / "in.svg", tmp_path / "out.svg"
    head, _, _ = DRAWING.partition("<g id=")
    source.write_text(head + line)
    actions = f"select-by-id:p;object-stroke-to-path;export-filename:{saved};export-do"
    run("inkscape", source, f"--actions={actions}")
    ours, theirs = (read_layers(path, size=600).layers[0] for path in (source, saved))
    assert ours.outline is not None and theirs.outline is not None
    areas = [_area(layer.outline.shapes) for layer in (ours, theirs) if layer.outline]
    assert areas[0] == pytest.approx(areas[1], rel=1e-2)  # Inkscape follows the curve loosely


def _area(shapes: tuple[tuple[NDArray[np.float32], ...], ...]) -> float:
    total = 0.0
    for ring in (ring for shape in shapes for ring in shape):
        x, y = ring.astype(np.float64).T
        total += 0.5 * float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
    return abs(total)


@needs_magick
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.psd", []),
        ("a.psb", []),
        ("a.psd", ["-depth", "16"]),
        ("a.psd", ["-compress", "Zip"]),
        ("a.psd", ["-compress", "RLE"]),
        ("a.psd", ["-colorspace", "CMYK"]),
    ],
)
def test_imagemagick_writes_what_we_read(tmp_path: Path, name: str, options: list[str]) -> None:
    pytest.importorskip("psd_tools")
    page = ["-size", "60x40", "xc:#ffee88"]
    dot = ["(", "-size", "20x20", "xc:#aa0000", "-repage", "+5+5", ")"]
    glass = ["(", "-size", "30x60", "xc:#0000aa80", "-repage", "+40-10", ")"]
    run("convert", *page, *page, *dot, *glass, *options, tmp_path / name)
    stack = read_layers(tmp_path / name)
    assert [x.window for x in stack] == [(0, 0, 40, 60), (5, 5, 25, 25), (0, 40, 40, 60)]
    flat_picture = flatten(stack).rgba
    expected = {(10, 10): (170, 0, 0), (35, 3): (255, 238, 136), (20, 50): (127, 119, 153)}
    for place, color in expected.items():
        assert flat_picture[place][:3] * 255 == pytest.approx(color, abs=1.1)


GIMP_SCRIPT = """(let* ((image (car (gimp-image-new 60 40 RGB)))
 (page (car (gimp-layer-new image 60 40 RGBA-IMAGE "page" 100 LAYER-MODE-NORMAL)))
 (group (car (gimp-layer-group-new image)))
 (dot (car (gimp-layer-new image 20 20 RGBA-IMAGE "dot" 50 LAYER-MODE-MULTIPLY))))
 (gimp-image-insert-layer image page 0 -1)
 (gimp-context-set-foreground '(255 238 136))
 (gimp-edit-fill page FILL-FOREGROUND)
 (gimp-item-set-name group "balloon")
 (gimp-layer-set-mode group LAYER-MODE-PASS-THROUGH)
 (gimp-image-insert-layer image group 0 -1)
 (gimp-image-insert-layer image dot group -1)
 (gimp-context-set-foreground '(170 0 0))
 (gimp-edit-fill dot FILL-FOREGROUND)
 (gimp-layer-set-offsets dot -5 5)
 (SAVE))"""


@needs_gimp
def test_gimp_writes_what_we_read(tmp_path: Path) -> None:
    out = tmp_path / "out.psd"  # Debian's GIMP writes no OpenRaster
    save = f'gimp-file-save RUN-NONINTERACTIVE image page "{out}" "out"'
    script = GIMP_SCRIPT.replace("SAVE", save)
    # A script that fails must not leave GIMP waiting for the next one.
    run("gimp", "-i", "-n", "-d", "-f", "-b", script, "-b", "(gimp-quit 0)")
    stack = read_layers(out)
    assert [x.name for x in stack] == ["page", "dot"]
    dot = stack.layers[1]
    assert (dot.window, dot.group) == ((5, 0, 25, 15), ("balloon",))
    assert dot.blend == "multiply"
    half = (np.array([255, 238, 136]) * (1 + np.array([170, 0, 0]) / 255.0)) / 2.0
    assert flatten(stack).rgba[10, 5, :3] * 255 == pytest.approx(half, abs=1.6)


@needs_krita
def test_krita_saves_a_psd_as_a_file_that_we_read(tmp_path: Path) -> None:
    psd_tools = pytest.importorskip("psd_tools")
    from PIL import Image as PilImage

    document = psd_tools.PSDImage.new("RGB", (60, 40), color=(255, 255, 255))
    document.create_pixel_layer(PilImage.new("RGB", (60, 40), (255, 238, 136)), name="page")
    dot = PilImage.new("RGBA", (20, 20), (170, 0, 0, 255))
    document.create_pixel_layer(dot, name="dot", top=-5, left=50)
    document.save(tmp_path / "in.psd")
    out = tmp_path / "out.kra"
    no_window = ["env", f"HOME={tmp_path}", "xvfb-run", "-a", "krita"]
    run(*no_window, tmp_path / "in.psd", "--export", "--export-filename", out)
    one, other = read_layers(tmp_path / "in.psd"), read_layers(out)
    assert [x.name for x in one] == [x.name for x in other]
    np.testing.assert_allclose(flat(one), flat(other), atol=1.6 / 255)
