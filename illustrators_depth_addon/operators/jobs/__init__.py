"""Operators that have the worker do something, and follow it without holding up the window."""
