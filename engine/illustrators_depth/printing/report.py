"""The nouns of the check before printing: findings, layers, the report."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ..io.names import counted

__all__ = ["ERROR", "NOTE", "WARNING", "Finding", "LayerReport", "PrintReport"]

ERROR, WARNING, NOTE = "error", "warning", "note"


@dataclass(frozen=True)
class Finding:
    """One thing to know before printing.

    Attributes:
        severity: "error" (it cannot be printed like this), "warning" or "note".
        check: "manifold", "size", "thickness", "feature", "island" or "rounding".
        text: a sentence.
    """

    severity: str
    check: str
    text: str


@dataclass(frozen=True)
class LayerReport:
    """One layer of the print.

    Attributes:
        name: the layer's.
        bottom_mm, top_mm: from where to where it reaches.
        area_mm2: of its cross-section.
        pieces: number of separate parts of it.
        narrow_share: 0..1, how much of the area is narrower than the nozzle.
    """

    name: str
    bottom_mm: float
    top_mm: float
    area_mm2: float
    pieces: int
    narrow_share: float


@dataclass(frozen=True)
class PrintReport:
    """What was measured, and what follows from it.

    Attributes:
        size_mm: measured width, depth and height.
        volume_mm3: of all parts; NaN where they are not closed.
        triangles, parts: of the mesh.
        layers: bottom to top.
        findings: errors first.
    """

    size_mm: tuple[float, float, float]
    volume_mm3: float
    triangles: int
    parts: int
    layers: tuple[LayerReport, ...]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.severity == ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.severity == WARNING)

    def lines(self, most: int = 20) -> list[str]:
        """The report as text: dimensions, then at most so many findings, errors first."""
        x, y, z = self.size_mm
        lines = [
            f"measured {x:.4g} x {y:.4g} x {z:.4g} mm, {self.volume_mm3 / 1000.0:.1f} cm3, "
            f"{self.triangles} triangles, {counted(self.parts, 'part')}"
        ]
        lines += [f"{f.severity}: {f.text}" for f in self.findings[:most]]
        left = len(self.findings) - most
        if left > 0:
            lines.append(f"... and {left} more of these")
        errors, warnings = len(self.errors), len(self.warnings)
        lines.append(
            f"{counted(errors, 'error')}, {counted(warnings, 'warning')}"
            if errors or warnings
            else "nothing speaks against printing it"
        )
        return lines

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)
