"""From layers to a mesh: the choice between the kinds of relief."""

from __future__ import annotations

from ..errors import check_kind
from ..settings import ReliefSettings
from ..types import DepthMap, LayerStack, Mesh

__all__ = ["relief"]


def relief(
    stack: LayerStack, settings: ReliefSettings | None = None, depth: DepthMap | None = None
) -> Mesh:
    """Turn a layer stack into closed, outward-facing solids in millimetres.

    Args:
        stack: the layers; hidden ones are left out.
        settings: mode, size and thicknesses; see ReliefSettings.
        depth: for mode "heightfield", the continuous depth to raise; without it the stack's
            discrete layer index is raised.

    Returns:
        Mesh of exactly `size_mm` along its longest side (for `fit="picture"`: the frame's longest
        side). "stacked" (and "auto") gives one part per layer; "terraced" and "heightfield" give
        one solid, "flat" a part per step and a base.

    Raises:
        InputError: no layer is shown, or `depth` is not of the stack's size.
    """
    check_kind(stack, LayerStack, "stack", "call decompose first")
    settings = ReliefSettings.or_default(settings)
    if depth is not None:
        check_kind(depth, DepthMap, "depth")
    if settings.mode == "heightfield":
        from .heightfield import heightfield
        from .layer_heights import depth_to_raise

        return heightfield(depth_to_raise(stack, depth), settings)
    if settings.mode == "flat":
        from .flat_print import flat_print

        return flat_print(stack, settings)
    from .stacked import stacked_slabs
    from .terraced import terraced_solid

    return (terraced_solid if settings.mode == "terraced" else stacked_slabs)(stack, settings)
