"""The verb that turns words into a layered SVG."""

from __future__ import annotations

from dataclasses import dataclass

from ..product_settings import TextSettings, VectorizeSettings
from ..progress import Progress, no_progress
from ..settings import CompleteSettings, DecomposeSettings, DepthSettings
from ..types import Image, LayerStack
from .generate import check_drawing, generate_picture

__all__ = ["Drawn", "text2vector"]


@dataclass(frozen=True)
class Drawn:
    """What was drawn from words.

    Attributes:
        image: the picture that the model drew.
        stack: its layers.
        svg: the layered drawing, the text of an SVG file.
    """

    image: Image
    stack: LayerStack
    svg: str


def text2vector(
    subject: str,
    text: TextSettings,
    depth: DepthSettings | None = None,
    decompose: DecomposeSettings | None = None,
    complete: CompleteSettings | None = None,
    vectorize: VectorizeSettings | None = None,
    progress: Progress | None = None,
) -> Drawn:
    """Draw a subject with a text-to-image model and turn the picture into a layered drawing.

    The paper's route (section on text-to-vector): a prompt that asks for flat vector art, then
    depth, layers and paths as for any other picture.

    Args:
        subject: what to draw, such as "a fox".
        text: which model draws, its prompt and its sampling.
        depth, decompose, complete, vectorize: as for the verbs of these names.
        progress: called with (stage, fraction 0..1); may raise Cancelled.

    Returns:
        Drawn: picture, layers and SVG.

    Raises:
        UnavailableError: a package, the model or the device is missing.
        InputError: the subject or a setting cannot be used.
    """
    from ..depth import DepthSession
    from ..layering import decompose as cut
    from ..tracing import vectorize as trace

    report = progress or no_progress
    check_drawing(subject, text)
    session = DepthSession(depth)
    _ = session.predictor  # says what is wrong with the model before a picture is drawn
    image = generate_picture(subject, text, report)
    values = session.predict(image, report)
    stack = cut(image, values, decompose, complete, report)
    return Drawn(image, stack, trace(stack, vectorize, report))
