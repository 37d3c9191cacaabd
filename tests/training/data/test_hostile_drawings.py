"""Drawings made to harm: each is rejected by name, quickly, and the builder goes on."""

from __future__ import annotations

import contextlib
import gzip
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from illustrators_depth_training.data.blocks import BlockItem, build_block
from illustrators_depth_training.data.drawing.sample import Recipe, make_sample
from illustrators_depth_training.data.reasons import Discarded
from illustrators_depth_training.data.render.renderer import Renderer, RenderLimits
from illustrators_depth_training.data.svg.sanitize import sanitize

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">'
RECT = '<rect width="5" height="5" fill="red"/>'
USES = "".join(f'<g id="a{i}">' + f'<use href="#a{i - 1}"/>' * 10 + "</g>" for i in range(1, 12))
REJECTED = {
    "billion laughs": (
        f'<!DOCTYPE svg [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>{HEAD}<text>&b;</text></svg>',
        "entity-bomb",
    ),
    "quadratic blow-up": (
        f'<!DOCTYPE svg [<!ENTITY a "{"a" * 9000}">]>{HEAD}<text>{"&a;" * 2000}</text></svg>',
        "entity-bomb",
    ),
    "external entity": (
        f'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>{HEAD}<text>&x;</text></svg>',
        "external-reference",
    ),
    "parameter entity": (
        f'<!DOCTYPE svg [<!ENTITY % p SYSTEM "http://h/e.dtd"> %p;]>{HEAD}{RECT}</svg>',
        "external-reference",
    ),
    "file image": (f'{HEAD}<image href="/etc/a.png" width="5" height="5"/></svg>',
                   "external-reference"),
    "http image": (f'{HEAD}<image href="http://127.0.0.1:9/a" width="5" height="5"/></svg>',
                   "external-reference"),
    "embedded image": (f'{HEAD}<image href="data:image/png;base64,AA" width="5"/></svg>',
                       "embedded-raster"),
    "http use": (f'{HEAD}<use href="http://127.0.0.1/a.svg#b"/></svg>', "external-reference"),
    "css import": (f'{HEAD}<style>@import "http://h/y.css";</style>{RECT}</svg>',
                   "external-reference"),
    "css url": (f"{HEAD}<style>rect{{fill:url(http://h/y#z)}}</style>{RECT}</svg>",
                "external-reference"),
    "filter image": (f'{HEAD}<filter id="f"><feImage href="file:///a.png"/></filter></svg>',
                     "external-reference"),
    "recursive use": (f'{HEAD}<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g></svg>',
                      "recursive-use"),
    "use bomb": (f'{HEAD}<g id="a0">{RECT}</g>{USES}</svg>', "use-bomb"),
    "a million points": (f'{HEAD}<path d="M0 0{"L1 1 " * 1_000_000}"/></svg>', "too-many-points"),
    "broken": (f"{HEAD}<rect", "broken-xml"),
    "nothing": ("", "broken-xml"),
    "no drawing": ("<html/>", "not-svg"),
    "zero page": (HEAD.replace("10 10", "0 10") + RECT + "</svg>", "zero-size"),
    "negative page": (HEAD.replace("10 10", "-4 10") + RECT + "</svg>", "zero-size"),
    "page is not a number": (HEAD.replace("10 10", "nan 10") + RECT + "</svg>", "zero-size"),
    "deep": (f"{HEAD}{'<g>' * 5000}{RECT}{'</g>' * 5000}</svg>", "too-deep"),
    "many elements": (f"{HEAD}{RECT * 60_000}</svg>", "too-many-elements"),
    "css hang": (f"{HEAD}<style>var(--a,{' ' * 2_000_000}", "broken-xml"),
    "entity hang": (f"<!DOCTYPE a [{'<!ENTITY a ' * 500_000}]>", "broken-xml"),
}  # fmt: skip


@pytest.mark.parametrize("name", REJECTED)
def test_rejected_by_name_and_at_once(name: str) -> None:
    text, reason = REJECTED[name]
    start = time.monotonic()
    with pytest.raises(Discarded) as verdict:
        sanitize(text.encode())
    assert verdict.value.reason == reason
    assert time.monotonic() - start < 120, "it hangs"


def test_compressed_drawings_are_read_and_bombs_refused() -> None:
    assert "rect" in sanitize(gzip.compress(f"{HEAD}{RECT}</svg>".encode()))
    with pytest.raises(Discarded, match="too-large"):
        sanitize(gzip.compress(b" " * 50_000_000))
    with pytest.raises(Discarded, match="broken-xml"):
        sanitize(b"\x1f\x8b" + b"rubbish")


def test_harmless_faults_are_repaired() -> None:
    doctype = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">'
    assert "rect" in sanitize(f"{doctype}{HEAD}{RECT}</svg>".encode())
    no_namespace = '<svg viewBox="0 0 9 9"><rect inkscape:label="a" width="4" height="4"/></svg>'
    assert "http://www.w3.org/2000/svg" in sanitize(no_namespace.encode())
    illustrator = (
        '<!DOCTYPE svg [<!ENTITY ns_svg "http://www.w3.org/2000/svg">]>'
        f'<svg xmlns="&ns_svg;" viewBox="0 0 9 9">{RECT}</svg>'
    )
    assert "rect" in sanitize(illustrator.encode())
    variable = f'{HEAD}<rect width="4" height="4" style="fill:var(--x, #f00)"/></svg>'
    assert "fill:#f00" in sanitize(variable.encode())
    linked = f'{HEAD}<a href="http://example.org/">{RECT}</a></svg>'
    assert "example.org" not in sanitize(linked.encode())


def test_clip_use_chain_is_followed(renderer: Renderer) -> None:
    svg = (
        f'{HEAD}<path id="s" d="M0 0h4v4h-4z"/><use id="t" href="#s" x="1"/>'
        '<clipPath id="c"><use href="#t" y="2"/></clipPath>'
        '<rect width="10" height="10" fill="#f00" clip-path="url(#c)"/></svg>'
    )
    crisp = renderer.crisp(
        sanitize(svg.encode()).replace("<svg", '<svg width="10" height="10"', 1), 10, 10
    )
    red = (crisp == [255, 0, 0]).all(axis=-1)
    assert red[2:6, 1:5].all()
    assert red.sum() == 16


TURBULENCE = (
    f'{HEAD}{RECT}<filter id="f"><feTurbulence numOctaves="2000000000" baseFrequency=".5"/>'
    '</filter><rect width="9" height="9" filter="url(#f)"/></svg>'
)


def test_endless_render_is_stopped_and_the_next_drawing_works(node: object) -> None:
    with Renderer(RenderLimits(seconds=1.0)) as renderer:
        start = time.monotonic()
        with pytest.raises(Discarded) as verdict:
            make_sample(renderer, TURBULENCE.encode(), Recipe(64, 64))
        assert verdict.value.reason == "render-timeout"
        assert time.monotonic() - start < 120, "it hangs"
        assert make_sample(renderer, f"{HEAD}{RECT}</svg>".encode(), Recipe(64, 64)).layers == 2
        assert renderer.started == 2


def test_memory_limit_stops_the_renderer(node: object) -> None:
    with Renderer(RenderLimits(seconds=20, megabytes=20)) as renderer:  # node alone needs more
        with pytest.raises(Discarded) as verdict:
            make_sample(renderer, TURBULENCE.encode(), Recipe(64, 64))
        assert verdict.value.reason == "render-memory"


def test_renderer_is_recycled(node: object) -> None:
    with Renderer(RenderLimits(recycle=3)) as renderer:
        for _ in range(7):
            make_sample(renderer, f"{HEAD}{RECT}</svg>".encode(), Recipe(32, 32))
        assert renderer.started == 3


def test_a_block_survives_every_bad_drawing(node: object) -> None:
    texts = [text for text, _ in REJECTED.values()] + [f"{HEAD}{RECT}</svg>"]
    items = [
        BlockItem(text.encode(), str(i), str(i), "dir:x", "CC0", "me", str(i), "train", "viewbox")
        for i, text in enumerate(texts)
    ]
    result = build_block(items, Recipe(32, 32))
    assert [entry.get("reason") for entry in result.meta[:-1]] == [r for _, r in REJECTED.values()]
    assert result.meta[-1]["layers"] == 2


def test_no_drawing_reaches_the_network(renderer: Renderer) -> None:
    """A real server waits for anyone to call; nobody does."""
    calls: list[str] = []

    class Witness(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Witness) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        link = f"http://127.0.0.1:{server.server_port}/x"
        for body in (
            f'<image href="{link}.png" width="9" height="9"/>{RECT}',
            f'<use href="{link}.svg#a"/>{RECT}',
            f'<rect width="9" height="9" fill="url({link}.svg#a)"/>',
            f"<style>@import url({link}.css);</style>{RECT}",
            f"<style>@font-face{{font-family:f;src:url({link}.ttf)}}</style>{RECT}",
            f'<a href="{link}">{RECT}</a>',
            f'<foreignObject><iframe src="{link}"/></foreignObject>{RECT}',
        ):
            with contextlib.suppress(Discarded):
                make_sample(renderer, f"{HEAD}{body}</svg>".encode(), Recipe(32, 32))
        server.shutdown()
    assert calls == []
