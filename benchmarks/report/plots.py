"""Bars and curves as SVG texts: the few plots of the page need no library."""

from __future__ import annotations

import math

__all__ = ["bars", "lines"]

_COLORS = ("#2f6db3", "#d9772b", "#3f9b5b", "#b0413e", "#7d5ba6", "#8a8a8a")


def _text(x: float, y: float, words: str, anchor: str = "start", size: int = 12) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'font-family="sans-serif" fill="#444">{words}</text>'
    )


def _page(width: int, height: int, parts: list[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}"><rect width="100%" height="100%" fill="#fff"/>'
    )
    return head + "".join(parts) + "</svg>\n"


def bars(title: str, rows: list[tuple[str, list[tuple[str, float]]]], unit: str) -> str:
    """Stacked horizontal bars: (name, [(part, value), ...]); parts share colours by name."""
    names = list(dict.fromkeys(part for _, parts in rows for part, _ in parts))
    largest = max(sum(v for _, v in parts) for _, parts in rows)
    left, width, step = 250, 760, 30
    height = 70 + step * len(rows) + 20 * math.ceil(len(names) / 4)
    out = [_text(10, 22, title, size=15)]
    for i, (name, parts) in enumerate(rows):
        y, x = 40 + step * i, float(left)
        out.append(_text(left - 8, y + 15, name, "end"))
        for part, value in parts:
            bar_width = (width - left - 90) * value / largest
            color = _COLORS[names.index(part) % len(_COLORS)]
            out.append(f'<rect x="{x:.1f}" y="{y}" width="{bar_width:.1f}" height="20" '
                       f'fill="{color}"/>')  # fmt: skip
            x += bar_width
        out.append(_text(x + 6, y + 15, f"{sum(v for _, v in parts):.3g} {unit}"))
    if len(names) > 1:
        for i, name in enumerate(names):
            x, y = 20 + 185 * (i % 4), 60 + step * len(rows) + 20 * (i // 4)
            out.append(f'<rect x="{x}" y="{y - 10}" width="12" height="12" '
                       f'fill="{_COLORS[i % len(_COLORS)]}"/>')  # fmt: skip
            out.append(_text(x + 18, y, name))
    return _page(width, height, out)


def lines(title: str, across: str, up: str, curves: dict[str, list[tuple[float, float]]]) -> str:
    """Curves on two logarithmic axes, with a mark and its value at each point."""
    left, top, width, height = 70, 50, 760, 380
    xs = [math.log10(x) for points in curves.values() for x, _ in points]
    ys = [math.log10(y) for points in curves.values() for _, y in points]
    low_x, high_x = min(xs), max(max(xs), min(xs) + 0.1)
    low_y, high_y = min(ys) - 0.1, max(max(ys), min(ys) + 0.1) + 0.1

    def place(x: float, y: float) -> tuple[float, float]:
        across_at = left + (width - left - 110) * (math.log10(x) - low_x) / (high_x - low_x)
        up_at = height - 50 - (height - 50 - top) * (math.log10(y) - low_y) / (high_y - low_y)
        return across_at, up_at

    out = [_text(10, 22, title, size=15), _text(width / 2, height - 12, across, "middle"),
           _text(10, 42, up)]  # fmt: skip
    out.append(f'<path d="M{left} {top}V{height - 50}H{width - 90}" fill="none" stroke="#999"/>')
    for i, (name, points) in enumerate(curves.items()):
        color = _COLORS[i % len(_COLORS)]
        at = [place(x, y) for x, y in points]
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in at)
        out.append(f'<path d="{path}" fill="none" stroke="{color}" stroke-width="2"/>')
        for (x, y), (px, py) in zip(points, at, strict=True):
            out.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{color}"/>')
            out.append(_text(px, py - 7, f"{y:.3g}", "middle", 10))
            if i == 0:
                out.append(_text(px, height - 34, f"{x:g}", "middle", 10))
        out.append(_text(at[-1][0] + 10, at[-1][1] + 12, name))
    return _page(width, height, out)
