"""What outlines cover, pixel by pixel.

In come outlines and the coverage that was measured, out go outlines that cover just that: points of
thin ones are moved before curves are fitted (`match_coverage`), all curves after (`refine_curves`).
"""
