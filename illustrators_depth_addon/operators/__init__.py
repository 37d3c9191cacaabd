"""Operators: each parses its properties, calls plain functions, and reports."""

from __future__ import annotations

from . import build, predict, test_engine

__all__ = ["CLASSES"]

CLASSES = (*predict.CLASSES, *build.CLASSES, *test_engine.CLASSES)
