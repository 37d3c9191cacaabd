"""What the page says of deep and large pictures, of reliefs, and of layers beside VTracer."""

from __future__ import annotations

from typing import Any

from .text import Section, machine_line

__all__ = ["deep_section", "large_section", "layers_section", "relief_section"]

DEPTH_BAR_S, MESHES_BAR_S = 0.35, 1.2
"""Processor seconds that a deep picture of 1024 pixels may take to its depth and to its meshes."""


def deep_section(report: dict[str, Any]) -> Section:
    """Deep pictures stage by stage, what dominates, and which bars are met."""
    rows = [r for r in report["rows"] if "seconds" in r]
    stages = ("depth", "layers", "relief")
    out = ["## Deep pictures", "", machine_line(report), "",
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
    quick_depths = sum(r["seconds"]["depth"] <= DEPTH_BAR_S for r in deep)
    quick_meshes = sum(sum(r["seconds"][k] for k in stages) <= MESHES_BAR_S for r in deep)
    return (
        f"Of all seconds to meshes, depth is {share['depth']} (regions {share['regions']}, the "
        f"network {share['network']}, the border network, its crops and the full size "
        f"{share['borders']}), layers {share['layers']}, relief {share['relief']}. One pass over "
        "memory, a copy of the picture's float pixels, takes "
        f"{1000 * sum(r['one_pass'] for r in deep) / len(deep):.1f} ms here; in such passes: "
        f"{passes}. Depth within .35 s: {quick_depths} of {len(deep)}; to meshes within 1.2 s: "
        f"{quick_meshes} of {len(deep)}."
    )


def large_section(report: dict[str, Any]) -> Section:
    """Large pictures: seconds and memory of each step."""
    out = ["## Large pictures", "", machine_line(report), "",
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


def relief_section(report: dict[str, Any]) -> Section:
    """Relief: triangles, seconds, memory, closed or not."""
    rows = [r for r in report["rows"] if "cost" in r]
    grid = next((r for r in rows if r["what"].startswith("displaced")), None)
    out = ["## Relief", "", machine_line(report), "",
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


def layers_section(report: dict[str, Any]) -> Section:
    """Layers and drawings beside VTracer, and how they grow."""
    out = ["## Layers and drawings beside VTracer", "", machine_line(report), "",
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
