"""SVG text in, safe SVG text and paint operations out; no pixels here."""
