"""OpenRaster files: what other programs write, and what we wrote ourselves."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth import decompose, predict_depth, read_layers
from illustrators_depth.editing.flatten import flatten
from illustrators_depth.errors import InputError
from illustrators_depth.export.layers.openraster import write_ora
from illustrators_depth.types import DepthMap

from ..drawings import stacked_discs

LAYER = '<layer name="{name}" src="data/{src}.png" x="{x}" y="{y}" {more}/>'


def png(color: tuple[int, int, int, int], size: tuple[int, int] = (8, 8)) -> bytes:
    buffer = io.BytesIO()
    PilImage.new("RGBA", size, color).save(buffer, "PNG")
    return buffer.getvalue()


def ora(path: Path, stack: str, files: dict[str, bytes], size: str = 'w="20" h="12"') -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "image/openraster")
        archive.writestr("stack.xml", f"<image {size}><stack>{stack}</stack></image>")
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_groups_places_opacity_and_visibility(tmp_path: Path) -> None:
    red = LAYER.format(name="red", src="red", x=2, y=1, more='opacity="0.5"')
    blue = LAYER.format(name="blue/1", src="blue", x=6, y=3, more='visibility="hidden"')
    page = LAYER.format(name="", src="page", x=0, y=0, more="")
    file = ora(
        tmp_path / "a.ora",
        f'<stack opacity="0.8">{blue}{red}</stack>{page}',
        {
            "data/red.png": png((255, 0, 0, 255)),
            "data/blue.png": png((0, 0, 255, 255)),
            "data/page.png": png((255, 255, 255, 255), (20, 12)),
        },
    )
    stack = read_layers(file)
    assert [layer.name for layer in stack] == ["layer 1", "red", "blue 1"]
    assert [layer.hidden for layer in stack] == [False, False, True]
    assert [layer.group for layer in stack] == [(), ("group",), ("group",)]
    assert stack.layers[1].window == (1, 2, 9, 10)
    assert stack.layers[1].rgba_crop[0, 0, 3] == pytest.approx(0.4)
    assert set(np.unique(stack.labels)) == {0, 1}  # the hidden one is seen nowhere
    assert stack.labels[5, 5] == 1 and stack.labels[11, 19] == 0


def test_what_we_wrote_comes_back(tmp_path: Path) -> None:
    image = stacked_discs().image
    stack = decompose(image, predict_depth(image, model="heuristic"))
    again = read_layers(write_ora(stack, tmp_path / "poster.ora"))
    assert [layer.name for layer in again] == [layer.name for layer in stack]
    np.testing.assert_allclose(flatten(again).rgba, flatten(stack).rgba, atol=1.01 / 255)
    for ours, theirs in zip(again, stack, strict=True):
        np.testing.assert_allclose(ours.rgba[..., 3], theirs.rgba[..., 3], atol=1.01 / 255)
    assert isinstance(DepthMap(again.discrete_depth()), DepthMap)


def shaded(mode: str) -> str:
    return LAYER.format(name="shade", src="a", x=0, y=0, more=f'composite-op="{mode}"')


def test_blend_modes_are_kept_worked_in_or_told(tmp_path: Path) -> None:
    page = LAYER.format(name="page", src="page", x=0, y=0, more="")
    files = {
        "data/a.png": png((128, 0, 255, 255)),
        "data/page.png": png((128, 128, 128, 255), (20, 12)),
    }
    kept = read_layers(ora(tmp_path / "a.ora", shaded("svg:multiply") + page, files))
    assert kept.layers[1].blend == "multiply" and "notes" not in kept.meta
    np.testing.assert_allclose(kept.layers[1].rgba_crop[0, 0, 0], 128 / 255, atol=1e-6)
    seen = flatten(kept).rgba[0, 0] * 255
    np.testing.assert_allclose(seen, (128 * 128 / 255, 0, 128, 255), atol=1)

    mixed = read_layers(ora(tmp_path / "b.ora", shaded("svg:difference") + page, files))
    assert mixed.layers[1].blend == "normal"
    assert mixed.meta["notes"] == [
        "'shade' (svg:difference) is kept as it looks over the layers below it."
    ]
    np.testing.assert_allclose(flatten(mixed).rgba[0, 0] * 255, (0, 128, 127, 255), atol=1)

    strange = read_layers(ora(tmp_path / "c.ora", shaded("krita:grain_merge") + page, files))
    assert strange.meta["notes"] == [
        "'shade' is laid over normally instead of by krita:grain_merge."
    ]


ONE = {"data/a.png": png((9, 9, 9, 255))}
GOOD = LAYER.format(name="a", src="a", x=0, y=0, more="")
BAD = {
    "no layer": ("", {}, "no layer with a pixel"),
    "all hidden": (LAYER.format(name="a", src="a", x=0, y=0, more='visibility="hidden"'), ONE,
                   "All layers"),
    "a missing member": (GOOD, {}, "holds no data/a.png"),
    "a damaged PNG": (GOOD, {"data/a.png": ONE["data/a.png"][:40]}, "damaged PNG"),
    "no number": (LAYER.format(name="a", src="a", x="left", y=0, more=""), ONE, "no number"),
    "an infinite opacity": (LAYER.format(name="a", src="a", x=0, y=0, more='opacity="inf"'), ONE,
                            "no number"),
    "outside of the page": (LAYER.format(name="a", src="a", x=900, y=0, more=""), ONE,
                            "no layer with a pixel"),
    "nested without end": ("<stack>" * 60 + GOOD + "</stack>" * 60, ONE, "nested too deep"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_one_sentence(tmp_path: Path, case: str) -> None:
    stack, files, words = BAD[case]
    with pytest.raises(InputError, match=words) as raised:
        read_layers(ora(tmp_path / "bad.ora", stack, files))
    assert str(raised.value).count("\n") == 0


def test_bombs_and_strangers_are_refused(tmp_path: Path) -> None:
    huge = ora(tmp_path / "huge.ora", GOOD, ONE, 'w="300000" h="300000"')
    with pytest.raises(InputError, match="million pixels"):
        read_layers(huge)
    big = bytearray(ONE["data/a.png"])
    big[16:24] = (100_000).to_bytes(4, "big") * 2  # a PNG that claims to be enormous
    with pytest.raises(InputError, match="million pixels"):
        read_layers(ora(tmp_path / "png.ora", GOOD, {"data/a.png": bytes(big)}))
    entities = tmp_path / "entities.ora"
    with zipfile.ZipFile(entities, "w") as archive:
        archive.writestr("stack.xml", '<!DOCTYPE a [<!ENTITY b "c">]><image w="1" h="1"/>')
    with pytest.raises(InputError, match="entities"):
        read_layers(entities)
    (tmp_path / "cut.ora").write_bytes(huge.read_bytes()[:60])
    with pytest.raises(InputError, match="damaged"):
        read_layers(tmp_path / "cut.ora")
    with pytest.raises(InputError, match="There is no file"):
        read_layers(tmp_path / "none.ora")
    for name, words in (("a.xcf", "OpenRaster"), ("a.png", "no layers")):
        with pytest.raises(InputError, match=words):
            read_layers(tmp_path / name)
