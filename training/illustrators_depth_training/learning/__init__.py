"""How a network learns, on PyTorch alone: losses, a teacher, optimisers, a plan of time."""
