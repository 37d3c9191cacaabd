"""What the page says of the cost of a prediction, of a picture and of many pictures."""

from __future__ import annotations

from typing import Any

from .plots import bars, lines
from .text import Section, machine_line, short_number

__all__ = ["batch_section", "curves_section", "depth_section", "sizes_section"]

_STAGES = ("regions", "network", "depth at full size", "layers", "stacked meshes")


def depth_section(report: dict[str, Any]) -> Section:
    """Depth latency: a table of ratios to our network, and bars."""
    ours = next(r for r in report["rows"] if "network" in r)
    ceiling = report["machine"]["gflops_ceiling"]
    out = ["## Depth from one picture", "", machine_line(report), "",
           "| network | cost, ours = 1 | processor seconds | GFLOP | GFLOP/s | of the ceiling "
           "| peak memory |", "|---|---|---|---|---|---|---|"]  # fmt: skip
    for row in report["rows"]:
        if "network" not in row:
            out.append(f"| {row['what']} | not run: {row['not run']} | | | | | |")
            continue
        cpu = row["network"]["cpu"]
        flop = row.get("gflop") or 0.0
        note = f" ({row['how']})" if row.get("how") else ""
        ratio = short_number(cpu / ours["network"]["cpu"])
        out.append(
            f"| {row['what']}{note} | {ratio} | {short_number(cpu)} | {short_number(flop)} "
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


def curves_section(report: dict[str, Any]) -> Section:
    """Cost over megapixels, layers and pictures; where the time goes."""
    rows = [r for r in report["rows"] if "not run" not in r]
    plots: dict[str, str] = {}
    out = [
        "## What a picture costs",
        "",
        machine_line(report),
        "",
        "One thread, processor seconds.",
    ]
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


def sizes_section(report: dict[str, Any]) -> Section:
    """Prediction from a decoded picture on several threads, by the clock."""
    out = ["## Prediction by the clock", "", machine_line(report), "",
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


def batch_section(report: dict[str, Any]) -> Section:
    """Throughput of a batch against its number of processes."""
    out = ["## Batches", "", machine_line(report), "",
           f"{report['pictures']} pictures of {report['side']} pixels to depth, layers and SVG, "
           "once the processes are warm.", "",
           "| processes | pictures a second, one process = 1 | pictures a second "
           "| processor seconds each | memory of a process |", "|---|---|---|---|---|"]  # fmt: skip
    out += [f"| {r['processes']} | {r['ratio']:.2f} | {r['rate']:.2f} | {r['cpu']:.2f} "
            f"| {r['mb']:.0f} MB |" for r in report["rows"]]  # fmt: skip
    return out, {}
