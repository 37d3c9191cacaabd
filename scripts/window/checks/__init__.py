"""What scripts/window_checks.py checks, a module for each part of the add-on."""
