"""What scripts/make_examples.py draws: sources, scenes, the look of paint and of photographs."""
