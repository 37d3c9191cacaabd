"""Drawings made for measuring the tracer: hard kinds, always the same, drawn as SVG texts."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

__all__ = ["DRAWINGS", "svg_drawing"]

_SIDE = 512


def svg_drawing(name: str) -> str:
    """The SVG text of a drawing of 512 x 512, by its name in `DRAWINGS`."""
    body = DRAWINGS[name](random.Random(name))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{_SIDE}" height="{_SIDE}">'
    return f'{head}<rect width="{_SIDE}" height="{_SIDE}" fill="#ffffff"/>{body}</svg>'


def _zebra(rng: random.Random) -> str:
    """A white animal with black stripes, an outline and a small eye."""
    out = ['<rect width="512" height="512" fill="#cfe8b0"/>']
    out.append('<clipPath id="c"><ellipse cx="250" cy="290" rx="190" ry="110"/></clipPath>')
    out.append(
        '<ellipse cx="250" cy="290" rx="190" ry="110" fill="#fafafa"/><g clip-path="url(#c)">'
    )
    for x in range(50, 460, 22):
        sway = rng.uniform(-25, 25)
        out.append(
            f'<path d="M{x} 170q{sway} 110 0 240l{rng.uniform(4, 11)} 0q{sway} -120 -1 -240z"'
            ' fill="#151515"/>'
        )
    out.append('</g><ellipse cx="250" cy="290" rx="190" ry="110" fill="none" stroke="#000"/>')
    out.append(
        '<ellipse cx="420" cy="190" rx="60" ry="42" fill="#fafafa" stroke="#000" stroke-width="2"/>'
    )
    out.append(
        '<circle cx="436" cy="182" r="6" fill="#111"/><circle cx="438" cy="180" r="2" fill="#fff"/>'
    )
    out.extend(
        f'<path d="M{x} 150q12 20 6 34" stroke="#111" stroke-width="{w}" fill="none"/>'
        for x, w in ((380, 1.2), (392, 2), (404, 1.5))
    )
    return "".join(out)


def _text(rng: random.Random) -> str:
    """Words of glyph-like shapes: strokes with dots, colons, counters."""
    out = []
    y = 20.0
    for size in (8, 10, 12, 16, 20, 24, 32, 44):
        x = 12.0
        while x < 490 - size:
            kind, w = rng.randrange(5), size * 0.12
            h = size * 0.7
            if kind == 0:
                out.append(f'<rect x="{x}" y="{y}" width="{w}" height="{h * 0.7}"/>')
                out.append(f'<rect x="{x}" y="{y - h * 0.3}" width="{w}" height="{w}"/>')
            elif kind == 1:
                r = h * 0.33
                out.append(
                    f'<circle cx="{x + r}" cy="{y + h * 0.37}" r="{r}" fill="none"'
                    f' stroke="#202030" stroke-width="{w}"/>'
                )
                x += r * 1.6
            elif kind == 2:
                out.append(
                    f'<rect x="{x}" y="{y + h * 0.2}" width="{w * 1.2}" height="{w * 1.2}"/>'
                )
                out.append(
                    f'<rect x="{x}" y="{y + h * 0.6}" width="{w * 1.2}" height="{w * 1.2}"/>'
                )
            elif kind == 3:
                out.append(
                    f'<path d="M{x} {y + h * 0.7}l{h * 0.25} {-h * 0.9}l{h * 0.25} {h * 0.9}'
                    f'm{-h * 0.4} {-h * 0.3}h{h * 0.3}" fill="none" stroke="#202030"'
                    f' stroke-width="{w}"/>'
                )
                x += h * 0.45
            else:
                out.append(
                    f'<path d="M{x} {y - h * 0.3}v{h}h{h * 0.4}" fill="none"'
                    f' stroke="#202030" stroke-width="{w}"/>'
                )
                x += h * 0.4
            x += size * 0.4
        y += size * 1.5
        if y > 490:
            break
    return f'<g fill="#202030">{"".join(out)}</g>'


def _lines(rng: random.Random) -> str:
    """Thin curves of several widths and colours that cross."""
    out = []
    for number in range(34):
        p = [rng.uniform(10, 502) for _ in range(8)]
        width = (1.0, 1.5, 2.0, 3.0)[number % 4]
        color = ("#101010", "#b01818", "#1830a0", "#107038")[number % 3 if number % 5 else 3]
        out.append(
            f'<path d="M{p[0]} {p[1]}C{p[2]} {p[3]} {p[4]} {p[5]} {p[6]} {p[7]}" fill="none"'
            f' stroke="{color}" stroke-width="{width}"/>'
        )
    return "".join(out)


def _outlined(rng: random.Random) -> str:
    """A colouring-book scene: many shapes, each with an outline of one or two pixels."""
    out = ['<rect width="512" height="512" fill="#d8ecff"/>']
    for number in range(40):
        x, y, r = rng.uniform(20, 490), rng.uniform(20, 490), rng.uniform(12, 60)
        color = f"hsl({rng.randrange(360)},{rng.randrange(40, 90)}%,{rng.randrange(35, 85)}%)"
        style = f'fill="{color}" stroke="#181410" stroke-width="{(1, 1.5, 2, 3)[number % 4]}"'
        if number % 3 == 0:
            out.append(f'<circle cx="{x}" cy="{y}" r="{r}" {style}/>')
        elif number % 3 == 1:
            out.append(
                f'<rect x="{-r}" y="{-r * 0.4}" width="{2 * r}" height="{r * 0.8}" {style}'
                f' transform="translate({x} {y}) rotate({rng.uniform(0, 180)})"/>'
            )
        else:
            points = " ".join(
                f"{x + q * math.cos(a)},{y + q * math.sin(a)}"
                for a, q in ((i * math.pi / 5, r if i % 2 else r * 0.45) for i in range(10))
            )
            out.append(f'<polygon points="{points}" {style}/>')
    return "".join(out)


def _flat(rng: random.Random) -> str:
    """Forty flat shapes with straight and round edges, no outlines."""
    out = []
    for number in range(40):
        x, y, r = rng.uniform(0, 512), rng.uniform(0, 512), rng.uniform(15, 110) * (1 - number / 60)
        color = f"hsl({rng.randrange(360)},{rng.randrange(30, 90)}%,{rng.randrange(25, 90)}%)"
        turn = f'transform="translate({x} {y}) rotate({rng.uniform(0, 180)})"'
        if number % 2:
            out.append(f'<ellipse rx="{r}" ry="{r * rng.uniform(0.4, 1)}" fill="{color}" {turn}/>')
        else:
            out.append(
                f'<rect x="{-r}" y="{-r / 3}" width="{2 * r}" height="{r / 1.5}" fill="{color}"'
                f" {turn}/>"
            )
    return "".join(out)


def _shaded(rng: random.Random) -> str:
    """Gradients, soft shadows and highlights."""
    out = [
        '<defs><linearGradient id="s" x2="0" y2="1"><stop stop-color="#4a90d9"/><stop offset="1"'
        ' stop-color="#f6e7c1"/></linearGradient><radialGradient id="b" cx=".35" cy=".3">'
        '<stop stop-color="#ffe9a8"/><stop offset=".6" stop-color="#e2762c"/><stop offset="1"'
        ' stop-color="#8a2d10"/></radialGradient><radialGradient id="h"><stop stop-color="#000"'
        ' stop-opacity=".5"/><stop offset="1" stop-opacity="0" stop-color="#000"/>'
        '</radialGradient></defs><rect width="512" height="512" fill="url(#s)"/>'
    ]
    for _ in range(9):
        x, y, r = rng.uniform(60, 450), rng.uniform(60, 430), rng.uniform(25, 65)
        out.append(f'<ellipse cx="{x}" cy="{y + r}" rx="{r * 1.1}" ry="{r * 0.3}" fill="url(#h)"/>')
        out.append(f'<circle cx="{x}" cy="{y}" r="{r}" fill="url(#b)"/>')
    return "".join(out)


def _leaves(rng: random.Random) -> str:
    """Small coloured leaves with veins over a dark ground, as clip art has them."""
    out = ['<rect width="512" height="512" fill="#20331f"/>']
    for _ in range(60):
        color = f"hsl({rng.randrange(15, 130)},65%,{rng.randrange(30, 65)}%)"
        turn = (
            f"translate({rng.uniform(0, 512)} {rng.uniform(0, 512)}) rotate({rng.uniform(0, 360)})"
        )
        out.append(
            f'<g transform="{turn} scale({rng.uniform(0.5, 1.4)})"><path d="M0 0Q18-22 52 0Q18 22'
            f' 0 0Z" fill="{color}"/><path d="M-8 0H48M14 0l8-7M14 0l8 7M26 0l7-6M26 0l7 6"'
            ' fill="none" stroke="#142010" stroke-width="1.2"/></g>'
        )
    return "".join(out)


def _poster(rng: random.Random) -> str:
    """A page-wide gradient with hard shapes over it."""
    del rng
    return (
        '<defs><linearGradient id="a" x2="1" y2="1"><stop stop-color="#f2b5d4"/><stop offset=".5"'
        ' stop-color="#7b2ff7"/><stop offset="1" stop-color="#0b1b4d"/></linearGradient></defs>'
        '<rect width="512" height="512" fill="url(#a)"/><circle cx="360" cy="150" r="70"'
        ' fill="#ffd166"/><path d="M0 420Q130 330 256 400T512 380V512H0Z" fill="#2b1055"/>'
        '<path d="M0 460Q160 400 300 450T512 440V512H0Z" fill="#12062b"/>'
        '<path d="M60 300l40-120l40 120z" fill="#ef476f"/><path d="M60 330h300" stroke="#fff"'
        ' stroke-width="2"/>'
    )


DRAWINGS: dict[str, Callable[[random.Random], str]] = {
    "zebra": _zebra,
    "text": _text,
    "lines": _lines,
    "outlined": _outlined,
    "flat": _flat,
    "shaded": _shaded,
    "leaves": _leaves,
    "poster": _poster,
}
