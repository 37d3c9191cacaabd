"""docs/benchmarks.md and its plots, from benchmarks/results/*.json.

    python benchmarks/_report.py

Ratios first, seconds second. The plots are drawn here as SVG: a few bars and lines need no library.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from _report_deep import deep_part, large_part

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent / "docs"
_COLOURS = ("#2f6db3", "#d9772b", "#3f9b5b", "#b0413e", "#7d5ba6", "#8a8a8a")
_STAGES = ("regions", "network", "depth at full size", "layers", "stacked meshes")


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
    most = max(sum(v for _, v in parts) for _, parts in rows)
    left, width, step = 250, 760, 30
    height = 70 + step * len(rows) + 20 * math.ceil(len(names) / 4)
    out = [_text(10, 22, title, size=15)]
    for i, (name, parts) in enumerate(rows):
        y, x = 40 + step * i, float(left)
        out.append(_text(left - 8, y + 15, name, "end"))
        for part, value in parts:
            wide = (width - left - 90) * value / most
            colour = _COLOURS[names.index(part) % len(_COLOURS)]
            out.append(f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="20" '
                       f'fill="{colour}"/>')  # fmt: skip
            x += wide
        out.append(_text(x + 6, y + 15, f"{sum(v for _, v in parts):.3g} {unit}"))
    if len(names) > 1:
        for i, name in enumerate(names):
            x, y = 20 + 185 * (i % 4), 60 + step * len(rows) + 20 * (i // 4)
            out.append(f'<rect x="{x}" y="{y - 10}" width="12" height="12" '
                       f'fill="{_COLOURS[i % len(_COLOURS)]}"/>')  # fmt: skip
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
        colour = _COLOURS[i % len(_COLOURS)]
        at = [place(x, y) for x, y in points]
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in at)
        out.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for (x, y), (px, py) in zip(points, at, strict=True):
            out.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{colour}"/>')
            out.append(_text(px, py - 7, f"{y:.3g}", "middle", 10))
            if i == 0:
                out.append(_text(px, height - 34, f"{x:g}", "middle", 10))
        out.append(_text(at[-1][0] + 10, at[-1][1] + 12, name))
    return _page(width, height, out)


def _short(value: float) -> str:
    """Three digits, without an exponent."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _load(name: str) -> dict[str, Any] | None:
    path = HERE / "results" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _machine(report: dict[str, Any]) -> str:
    m = report["machine"]
    return (
        f"{m['processor']}, {m['cores']} cores, load average {m['load'][0]} (0 = idle), "
        f"{m['gflops_ceiling']} GFLOP/s reached by a float32 matrix product on one core; "
        f"Python {m['python']}, {m['date']}."
    )


def depth_part(report: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Depth latency: a table of ratios to our network, and bars."""
    ours = next(r for r in report["rows"] if "network" in r)
    ceiling = report["machine"]["gflops_ceiling"]
    out = ["## Depth from one picture", "", _machine(report), "",
           "| network | cost, ours = 1 | processor seconds | GFLOP | GFLOP/s | of the ceiling "
           "| peak memory |", "|---|---|---|---|---|---|---|"]  # fmt: skip
    for row in report["rows"]:
        if "network" not in row:
            out.append(f"| {row['what']} | not run: {row['not run']} | | | | | |")
            continue
        cpu = row["network"]["cpu"]
        flop = row.get("gflop") or 0.0
        note = f" ({row['how']})" if row.get("how") else ""
        ratio = _short(cpu / ours["network"]["cpu"])
        out.append(
            f"| {row['what']}{note} | {ratio} | {_short(cpu)} | {_short(flop)} "
            f"| {flop / cpu:.3g} | {100 * flop / cpu / ceiling:.0f} % | {row['peak_mb']:.0f} MB |"
        )
    if "total" in ours:
        share = ours["network"]["cpu"] / ours["total"]["cpu"]
        out += ["", f"Of our whole prediction at 1024 x 1024 ({ours['total']['cpu']:.3g} s), the "
                f"network is {100 * share:.0f} %; segmentation into regions is most of the rest. "
                "Each network runs at the size it was made for: ours at 192 pixels, Depth Anything "
                "at 518, Depth Pro at 1536. Their weights here are random, so this compares cost "
                "alone."]  # fmt: skip
    return out, {}


def relief_part(report: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Relief: triangles, seconds, memory, closed or not."""
    rows = [r for r in report["rows"] if "cost" in r]
    grid = next((r for r in rows if r["what"].startswith("displaced")), None)
    out = ["## Relief", "", _machine(report), "",
           f"One picture of {report['rows'][0]['side']} x {report['rows'][0]['side']} and its "
           "layers, against what tutorials do: a grid of the picture's resolution, displaced.", "",
           "| geometry | triangles, grid = 1 | time, grid = 1 | triangles | processor seconds "
           "| memory | closed |", "|---|---|---|---|---|---|---|"]  # fmt: skip
    for row in report["rows"]:
        if "cost" not in row:
            out.append(f"| {row['what']} | not run: {row['not run']} | | | | | |")
            continue
        less = f"{row['triangles'] / grid['triangles']:.3g}" if grid else ""
        fast = f"{row['cost']['cpu'] / grid['cost']['cpu']:.2g}" if grid else ""
        out.append(f"| {row['what']} | {less} | {fast} | {row['triangles']:,} "
                   f"| {row['cost']['cpu']:.3g} | {row['grown_mb']:.0f} MB "
                   f"| {'yes' if row['closed'] else '**no**'} |")  # fmt: skip
    return out, {}


def curves_part(report: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Cost over megapixels, layers and pictures; where the time goes."""
    rows = [r for r in report["rows"] if "not run" not in r]
    plots: dict[str, str] = {}
    out = ["## What a picture costs", "", _machine(report), "", "One thread, processor seconds."]
    size = [r for r in rows if r["curve"] == "megapixels"]
    if size:
        plots["bench-stages.svg"] = bars(
            "Where the time goes, from decoded picture to stacked meshes",
            [(f"{r['x']:g} megapixels", [(s, r["seconds"].get(s, 0.0) / r["x"]) for s in _STAGES])
             for r in size],
            "s per megapixel",
        )  # fmt: skip
        whole = [(r["x"], sum(r["seconds"].get(s, 0.0) for s in _STAGES)) for r in size]
        plots["bench-megapixels.svg"] = lines(
            "Picture to stacked meshes", "megapixels", "processor seconds",
            {"all": whole, "the network": [(r["x"], r["seconds"]["network"]) for r in size]},
        )  # fmt: skip
        out += ["", "![Where the time goes](images/bench-stages.svg)", "",
                "![Cost over megapixels](images/bench-megapixels.svg)", "",
                "| megapixels | seconds to meshes | a megapixel | network's share | peak memory |",
                "|---|---|---|---|---|"]  # fmt: skip
        for r, (x, total) in zip(size, whole, strict=True):
            out.append(f"| {x:g} | {total:.2f} | {total / x:.2f} "
                       f"| {100 * r['seconds']['network'] / total:.1f} % "
                       f"| {r['peak_to_meshes_mb']:.0f} MB |")  # fmt: skip
    layers = [r for r in rows if r["curve"] == "layers"]
    if layers:
        cost = [(r["layers"], r["seconds"]["layers"] + r["seconds"]["stacked meshes"])
                for r in layers]  # fmt: skip
        plots["bench-layers.svg"] = lines(
            "Layers and their meshes", "layers (even bands, the worst case)", "processor seconds",
            {"layers and meshes": cost},
        )  # fmt: skip
        out += ["", "![Cost over layers](images/bench-layers.svg)"]
    many = [r for r in rows if r["curve"] == "pictures" and "cpu_each" in r]
    if many:
        out += ["", "Pictures of 512 x 512 through one warm worker:", "",
                "| in a row | processor seconds each | seconds of the clock each | worker after |",
                "|---|---|---|---|"]  # fmt: skip
        out += [f"| {r['pictures']:,} | {r['cpu_each']:.3g} | {r['each']:.3g} "
                f"| {r['worker_mb']:.0f} MB |" for r in many]  # fmt: skip
    for r in rows:
        if r["curve"] == "cold command":
            out += ["", f"A cold `illustrators-depth relief` of {r['x']} x {r['x']} to STL: "
                    f"{r['cpu']:.2f} s of processor, {r['wall']:.2f} s of the clock, "
                    f"{r['child_peak_mb']:.0f} MB."]  # fmt: skip
    traced = {r["x"]: r for r in rows if r["curve"] == "vectorise"}
    if len(traced) == 2:
        ours, theirs = traced["ours"], traced["vtracer"]
        out += ["", f"Vectorise: ours takes {ours['cpu'] / theirs['cpu']:.2g} times VTracer's time "
                f"({ours['cpu']:.3g} s), for {ours['kilobytes'] / theirs['kilobytes']:.2g} times "
                f"its bytes and {ours['paths']} paths instead of {theirs['paths']}; how near each "
                "comes to the picture is measured by `evaluate-vector`."]  # fmt: skip
    return out, plots


def sizes_part(report: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Prediction from a decoded picture on several threads, by the clock."""
    out = ["## Prediction by the clock", "", _machine(report), "",
           f"Whole predictions on {report['threads']} threads, segmentation included; of Depth "
           "Anything the network alone.", "",
           "| what | pixels | seconds | least | memory |", "|---|---|---|---|---|"]  # fmt: skip
    for r in report["rows"]:
        if "not run" in r:
            out.append(f"| {r['what']} | {r['size']} x {r['size']} | not run: {r['not run']} | | |")
            continue
        out.append(f"| {r['what']} | {r['size']} x {r['size']} | {r['seconds']:.3f} "
                   f"| {r['least_seconds']:.3f} | {r['resident_mb']:.0f} MB |")  # fmt: skip
    return out, {}


def batch_part(report: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Throughput of a batch against its number of processes."""
    out = ["## Batches", "", _machine(report), "",
           f"{report['pictures']} pictures of {report['side']} pixels to depth, layers and SVG, "
           "once the processes are warm.", "",
           "| processes | pictures a second, one process = 1 | pictures a second "
           "| processor seconds each | memory of a process |", "|---|---|---|---|---|"]  # fmt: skip
    out += [f"| {r['processes']} | {r['ratio']:.2f} | {r['rate']:.2f} | {r['cpu']:.2f} "
            f"| {r['mb']:.0f} MB |" for r in report["rows"]]  # fmt: skip
    return out, {}


def layers_part(report: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Layers and drawings beside VTracer, and how they grow."""
    out = ["## Layers and drawings beside VTracer", "", _machine(report), "",
           "| picture | layers | vectorize, VTracer = 1 | decompose s | vectorize s | VTracer s "
           "| VTracer + Potrace s |", "|---|---|---|---|---|---|---|"]  # fmt: skip
    for r in report["rows"]:
        both = r.get("vtracer_potrace", r.get("potrace"))
        out.append(
            f"| {r['picture']}, {r['size'][0]} x {r['size'][1]} | {r['layers']} | "
            f"{r['vectorize_over_vtracer']:.2f} | {r['decompose']:.2f} | {r['vectorize']:.2f} | "
            f"{r['vtracer']:.2f} | {'not run' if both is None else f'{both:.2f}'} |"
        )
    out += ["", f"64 layers take {report['layers_64_over_8']:.2f} times the time of 8."]
    if report["memory_mb"]:
        each = ", ".join(
            f"{2**20 * used / int(side) ** 2:.0f} at {side} x {side}"
            for side, used in report["memory_mb"].items()
        )
        out[-1] += f" Peak memory of both steps, bytes per pixel: {each}."
    return out, {}


def main(arguments: list[str]) -> int:
    """Write page and plots of whatever has been measured, into docs/ or the folder named."""
    page = ["# Benchmarks", "",
            "Made by `make bench` from `benchmarks/results/*.json`; peers run beside ours in the "
            "same run. Ratios are to be trusted more than seconds: the load average says how busy "
            "the machine was."]  # fmt: skip
    plots: dict[str, str] = {}
    parts = {"depth_peers": depth_part, "deep_pictures": lambda r: deep_part(r, _machine),
             "relief_grid": relief_part, "curves": curves_part,
             "large_pictures": lambda r: large_part(r, _machine), "layers_speed": layers_part,
             "batch_throughput": batch_part, "depth_speed": sizes_part}  # fmt: skip
    for name, part in parts.items():
        report = _load(name)
        if report is not None:
            text, drawn = part(report)
            page += ["", *text]
            plots |= drawn
    docs = Path(arguments[0]) if arguments else DOCS
    (docs / "images").mkdir(parents=True, exist_ok=True)
    (docs / "benchmarks.md").write_text("\n".join(page) + "\n", encoding="utf-8")
    for name, svg in plots.items():
        (docs / "images" / name).write_text(svg, encoding="utf-8")
    print(f"wrote benchmarks.md and {len(plots)} plots")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
