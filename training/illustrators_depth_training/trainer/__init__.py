"""One training run: its settings, losses, optimiser, time box and how it goes on after a stop."""
