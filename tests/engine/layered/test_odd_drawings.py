"""Odd but lawful drawings: their layers together are what resvg draws of the whole."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth import read_layers
from illustrators_depth.editing.flatten import flatten

HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
)
PAGE = '<rect width="100" height="100" fill="#fe8"/>'
SIZE = 'viewBox="0 0 100 100">'


def checkers() -> str:
    """A picture inside of a drawing, as a data link."""
    steps = (np.indices((16, 16)).sum(axis=0) % 2 * 255).astype(np.uint8)
    stream = io.BytesIO()
    PilImage.fromarray(steps).save(stream, "PNG")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()


# Without a head, a page of 100 by 100 with a background.
BODIES = {
    "nested": (
        '<g id="a"><g id="b" transform="translate(10 5)"><g id="c"><circle cx="30" '
        'cy="30" r="20" fill="#a00"/></g></g></g><g id="d"><rect x="50" y="50" '
        'width="30" height="30" fill="#00a"/></g>'
    ),
    "clipbbox": (
        '<clipPath id="k" clipPathUnits="objectBoundingBox"><circle cx=".5" cy=".5" '
        'r=".5"/></clipPath><rect x="20" y="20" width="50" height="30" '
        'clip-path="url(#k)" fill="#00a"/>'
    ),
    "symboluse": (
        '<symbol id="s" viewBox="0 0 10 10"><circle cx="5" cy="5" r="5" '
        'fill="#a00"/></symbol><use xlink:href="#s" x="10" y="10" width="40" '
        'height="40"/><use href="#s" x="50" y="50" width="20" height="40"/>'
    ),
    "usestyle": (
        '<defs><rect id="r" width="20" height="20"/><g id="gg" '
        'transform="rotate(10)"><use href="#r" x="5"/></g></defs><use href="#gg" '
        'fill="#0a0" transform="translate(40 20) scale(2)"/>'
    ),
    "nestedsvg": (
        '<svg x="20" y="20" width="50" height="50" viewBox="0 0 10 10"><rect width="20" '
        'height="5" fill="#00a"/><circle cx="5" cy="7" r="2" fill="#a00"/></svg>'
    ),
    "displaynone": (
        '<g id="a" style="display:none"><circle cx="30" cy="30" r="20" '
        'fill="#a00"/></g><g id="b"><circle cx="60" cy="60" r="20" fill="#00a"/><circle '
        'cx="60" cy="30" r="20" fill="#0aa" display="none"/></g>'
    ),
    "visibility": (
        '<g visibility="hidden"><circle cx="30" cy="30" r="20" fill="#a00"/><circle '
        'cx="60" cy="60" r="20" fill="#00a" visibility="visible"/></g>'
    ),
    "switch": (
        '<switch><foreignObject width="50" height="50"><p '
        'xmlns="http://www.w3.org/1999/xhtml">hi</p></foreignObject><circle cx="30" '
        'cy="30" r="20" fill="#a00"/></switch><circle cx="70" cy="70" r="10"/>'
    ),
    "switchlang": (
        '<switch><circle systemLanguage="xx" cx="30" cy="30" r="20" fill="#a00"/><rect '
        'x="10" y="10" width="30" height="30" fill="#0a0"/></switch><circle cx="70" '
        'cy="70" r="10"/>'
    ),
    "foreign": (
        '<foreignObject width="50" height="50"><p '
        'xmlns="http://www.w3.org/1999/xhtml">hi</p></foreignObject><circle cx="70" '
        'cy="70" r="10"/>'
    ),
    "datauri": (
        '<image x="20" y="20" width="40" height="40" href="CHECKERS"/><circle cx="70" '
        'cy="70" r="10"/>'
    ),
    "datasvg": (
        '<image x="20" y="20" width="40" height="40" '
        'href="data:image/svg+xml;utf8,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 '
        "viewBox=%220 0 1 1%22%3E%3Crect width=%221%22 height=%221%22 "
        'fill=%22red%22/%3E%3C/svg%3E"/><circle cx="70" cy="70" r="10"/>'
    ),
    "emptygroups": ('<g id="e"/><g id="f"><g/></g><g id="h"><circle cx="70" cy="70" r="10"/></g>'),
    "dup": (
        '<g id="a" inkscape:label="tree"><circle cx="30" cy="30" r="20" '
        'fill="#a00"/></g><g id="a" inkscape:label="tree"><circle cx="60" cy="60" r="20" '
        'fill="#00a"/></g>'
    ),
    "mask": (
        '<mask id="m"><rect width="100" height="50" fill="#fff"/></mask><g '
        'mask="url(#m)"><circle cx="50" cy="50" r="40" fill="#a00"/><rect x="10" y="10" '
        'width="20" height="30"/></g>'
    ),
    "groupopacity": (
        '<g opacity=".5"><circle cx="40" cy="50" r="30" fill="#a00"/><circle cx="60" '
        'cy="50" r="30" fill="#00a"/></g>'
    ),
    "offpage": (
        '<circle cx="-30" cy="50" r="60" fill="#a00"/><rect x="-500" y="-500" '
        'width="2000" height="520" fill="#00a"/><circle cx="500" cy="500" r="5"/>'
    ),
    "marker": (
        '<marker id="m" markerWidth="5" markerHeight="5" refX="2" refY="2"><circle '
        'cx="2" cy="2" r="2"/></marker><path d="M20 20L80 80" stroke="#00a" '
        'stroke-width="3" marker-end="url(#m)"/>'
    ),
    "filter": (
        '<filter id="f"><feGaussianBlur stdDeviation="3"/></filter><circle cx="40" '
        'cy="50" r="30" fill="#a00" filter="url(#f)"/>'
    ),
    "polyodd": (
        '<polygon points="10,10 50,10 50" fill="#a00"/><polyline points="" /><path '
        'd="M10 10L" /><path d="" /><path d="garbage"/><path d="M10 60 h 20 v 20 L x y" '
        'fill="#00a"/>'
    ),
    "transformorigin": (
        '<rect x="40" y="40" width="20" height="20" '
        'style="transform:rotate(45deg);transform-origin:50px 50px" fill="#a00"/>'
    ),
    "inherit": (
        '<g fill="#0a0" stroke="#000" stroke-width="4"><circle cx="40" cy="50" r="30" '
        'fill="inherit"/><g fill="none"><circle cx="60" cy="50" r="20"/></g></g>'
    ),
    "dashes": (
        '<circle cx="50" cy="50" r="30" fill="none" stroke="#000" stroke-width="6" '
        'stroke-dasharray="12 6"/>'
    ),
    "gradlink": (
        '<linearGradient id="l"><stop stop-color="#f00"/><stop offset="1" '
        'stop-color="#00f"/></linearGradient><radialGradient id="r" xlink:href="#l" '
        'cx=".3"/><circle cx="50" cy="50" r="40" fill="url(#r)"/>'
    ),
    "strokegrad": (
        '<linearGradient id="l"><stop stop-color="#f00"/><stop offset="1" '
        'stop-color="#00f"/></linearGradient><path d="M10 10Q50 90 90 10" fill="none" '
        'stroke="url(#l)" stroke-width="7"/>'
    ),
    "missingref": (
        '<circle cx="50" cy="50" r="40" fill="url(#none)" stroke="#000"/><circle cx="20" '
        'cy="20" r="10" fill="url(#none) #0a0"/><circle cx="80" cy="20" r="10" '
        'clip-path="url(#none)"/><circle cx="80" cy="80" r="10" mask="url(#none)"/><use '
        'href="#none"/>'
    ),
}
# With what goes into the head.
WHOLE = {
    "css": (
        'viewBox="0 0 100 100"><style>.b{fill:#00a} #x{fill:#0a0} '
        'circle{stroke:#000;stroke-width:4}</style><rect width="100" height="100" '
        'fill="#fe8"/><circle class="b" cx="30" cy="30" r="20"/><circle id="x" class="b" '
        'cx="60" cy="60" r="20"/>'
    ),
    "csschild": (
        'viewBox="0 0 100 100"><style>g.k > .b, g .c:first-child{fill:#00a}</style><rect '
        'width="100" height="100" fill="#fe8"/><g class="k"><circle class="b" cx="30" '
        'cy="30" r="20"/></g><g><circle class="c" cx="60" cy="60" r="20"/></g>'
    ),
    "cssnone": (
        'viewBox="0 0 100 100"><style>.h{display:none}</style><rect width="100" '
        'height="100" fill="#fe8"/><g id="a" class="h"><circle cx="30" cy="30" r="20" '
        'fill="#a00"/></g><g id="b"><circle cx="60" cy="60" r="20" fill="#00a"/></g>'
    ),
    "aa": (
        'viewBox="0 0 100 100"><a href="http://example.org"><circle cx="50" cy="50" '
        'r="30"/></a><rect width="100" height="100" fill="#fe8"/>'
    ),
    "percent": (
        'width="100%" height="100%" viewBox="0 0 200 100"><rect width="100%" '
        'height="100%" fill="#fe8"/><circle cx="50%" cy="50%" r="20%" fill="#a00"/>'
    ),
    "noviewbox": (
        'width="120" height="80"><rect width="120" height="80" fill="#fe8"/><circle '
        'cx="60" cy="40" r="30" fill="#a00"/>'
    ),
    "mm": (
        'width="100mm" height="50mm"><rect width="10mm" height="10mm" fill="#a00"/><rect '
        'x="2cm" y="1in" width="72pt" height="3pc" fill="#00a"/>'
    ),
    "mmview": (
        'width="100mm" height="50mm" viewBox="0 0 100 50"><rect width="10" height="10" '
        'fill="#a00"/><path d="M20 20h30" stroke="#00a" stroke-width="5"/>'
    ),
    "inwrongratio": (
        'width="4in" height="1in" viewBox="0 0 100 100"><rect width="100" height="100" '
        'fill="#fe8"/><circle cx="50" cy="50" r="40" fill="#a00"/>'
    ),
    "parnone": (
        'width="200" height="100" preserveAspectRatio="none" viewBox="0 0 100 100"><rect '
        'width="100" height="100" fill="#fe8"/><circle cx="50" cy="50" r="40" '
        'fill="#a00"/>'
    ),
    "em": (
        'font-size="10" viewBox="0 0 100 100"><rect width="100" height="100" '
        'fill="#fe8"/><rect x="1em" y="1em" width="5em" height="5em" fill="#a00"/>'
    ),
}


def drawing(name: str) -> str:
    inside = f"{SIZE}{PAGE}{BODIES[name]}" if name in BODIES else WHOLE[name]
    return f"{HEAD}{inside}</svg>".replace("CHECKERS", checkers())


@pytest.mark.parametrize("split", ["auto", "paths"])
@pytest.mark.parametrize("name", [*BODIES, *WHOLE])
def test_layers_together_are_the_drawing(tmp_path: Path, name: str, split: str) -> None:
    resvg = pytest.importorskip("resvg_py")
    path = tmp_path / "odd.svg"
    path.write_text(drawing(name), encoding="utf-8")
    stack = read_layers(path, split=split, size=300)
    flat = flatten(stack).rgba
    png = resvg.svg_to_bytes(
        svg_string=drawing(name), width=stack.width, height=stack.height, dpi=96.0
    )
    bgra = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    whole = bgra[..., [2, 1, 0, 3]].astype(np.float32) / 255.0
    assert whole.shape == flat.shape
    away = abs(whole[..., :3] * whole[..., 3:] - flat[..., :3] * flat[..., 3:])
    assert away.max() < 1.6 / 255.0
    assert len(stack) >= 2


def test_names_in_any_script_stay(tmp_path: Path) -> None:
    body = (
        '<g inkscape:label="木 🌲 עץ"><circle cx="30" cy="30" r="20" fill="#a00"/></g>'
        '<g inkscape:label="a/b&#10;c"><circle cx="60" cy="60" r="20" fill="#00a"/></g>'
    )
    (tmp_path / "a.svg").write_text(f"{HEAD}{SIZE}{PAGE}{body}</svg>", encoding="utf-8")
    names = [layer.name for layer in read_layers(tmp_path / "a.svg")]
    assert names[1:] == ["木 🌲 עץ", "a b c"]


def test_a_transform_in_a_style_is_followed_as_resvg_does(tmp_path: Path) -> None:
    body = '<rect x="40" y="40" width="20" height="20" style="transform:translate(10px,5px)"/>'
    (tmp_path / "a.svg").write_text(f"{HEAD}{SIZE}{PAGE}{body}</svg>")
    stack = read_layers(tmp_path / "a.svg")
    assert stack.layers[1].outline is not None and "notes" not in stack.meta
