"""What docs/benchmarks.md says of deep pictures and of large ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["deep_part", "large_part"]

Part = tuple[list[str], dict[str, str]]


def deep_part(report: dict[str, Any], machine: Callable[[dict[str, Any]], str]) -> Part:
    """Deep pictures stage by stage, what dominates, and which bars are met."""
    rows = [r for r in report["rows"] if "seconds" in r]
    stages = ("depth", "layers", "relief")
    out = ["## Deep pictures", "", machine(report), "",
           f"Pictures as people bring them, {report['side']} pixels on their longest side: "
           "examples and made-up scenes with gradients, outlines and soft edges, clean and as a "
           "JPEG of quality 85; the easy drawing that other tables use comes first. One thread, "
           "processor seconds, the picture never seen before.", "",
           "| picture | regions | layers | depth, s | layers, s | relief, s | to meshes, s "
           "| SVG, s | bytes per pixel |", "|---|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for r in rows:
        s = r["seconds"]
        name = r["picture"] + (", JPEG" if r["jpeg"] else "")
        out.append(f"| {name} | {r['regions']} | {r['layers']} | {s['depth']:.2f} "
                   f"| {s['layers']:.2f} | {s['relief']:.2f} | {sum(s[k] for k in stages):.2f} "
                   f"| {s['SVG']:.2f} | {r['bytes_per_pixel']:.0f} |")  # fmt: skip
    out += [f"| {r['picture']} | not run: {r['not run']} | | | | | | | |"
            for r in report["rows"] if "seconds" not in r]  # fmt: skip
    deep = [r for r in rows if r["picture"] != "easy drawing"]
    if deep:
        out += ["", _summary(deep, stages)]
    return out, {}


def _summary(deep: list[dict[str, Any]], stages: tuple[str, ...]) -> str:
    total = {k: sum(r["seconds"][k] for r in deep) for k in deep[0]["seconds"]}
    whole = sum(total[k] for k in stages)
    share = {k: f"{100 * seconds / whole:.0f} %" for k, seconds in total.items()}
    passes = ", ".join(
        f"{k} {sum(r['seconds'][k] / r['one_pass'] for r in deep) / len(deep):,.0f}"
        for k in (*stages, "SVG")
    )
    quick = sum(r["seconds"]["depth"] <= 0.35 for r in deep)
    short = sum(sum(r["seconds"][k] for k in stages) <= 1.2 for r in deep)
    return (
        f"Of all seconds to meshes, depth is {share['depth']} (regions {share['regions']}, the "
        f"network {share['network']}, the border network, its crops and the full size "
        f"{share['borders']}), layers {share['layers']}, relief {share['relief']}. One pass over "
        "memory, a copy of the picture's float pixels, takes "
        f"{1000 * sum(r['one_pass'] for r in deep) / len(deep):.1f} ms here; in such passes: "
        f"{passes}. Depth within .35 s: {quick} of {len(deep)}; to meshes within 1.2 s: {short} of "
        f"{len(deep)}."
    )


def large_part(report: dict[str, Any], machine: Callable[[dict[str, Any]], str]) -> Part:
    """Large pictures: seconds and memory of each step."""
    out = ["## Large pictures", "", machine(report), "",
           "One thread, processor seconds; peak memory of the process up to and with each step.",
           "", "| picture | layers | step | seconds | peak memory |",
           "|---|---|---|---|---|"]  # fmt: skip
    for r in report["rows"]:
        if "seconds" not in r:
            out.append(f"| {r['row']} | | not run: {r['not run']} | | |")
            continue
        name = f"{r['row']}, {r['side']} x {r['side']}"
        out += [f"| {name} | {r['layers']} | {step} | {taken:.1f} | {r['peaks_mb'][step]:,.0f} MB |"
                for step, taken in r["seconds"].items()]  # fmt: skip
    return out, {}
