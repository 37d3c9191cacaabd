"""The worker process of a batch, in its own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from illustrators_depth.batch.process import make, new_client
from illustrators_depth.errors import InputError
from illustrators_depth.progress import no_progress


@pytest.mark.parametrize(
    ("params", "word"),
    [
        ({}, "source"),
        ({"source": "a", "name": "a", "settings": {"products": ["mp3"]}}, "products"),
        ({"source": "a", "name": "a", "settings": []}, "settings"),
    ],
)
def test_malformed_parameters_are_named(tmp_path: Path, params: dict, word: str) -> None:
    with pytest.raises(InputError, match=f"request's {word}"):
        make({"folder": str(tmp_path), **params}, no_progress)


def test_products_are_the_one_job_of_its_process() -> None:
    with new_client() as client:
        job = client.submit("ping", {})
        with pytest.raises(Exception, match="no job called 'ping'; known: products"):
            client.wait(job)
