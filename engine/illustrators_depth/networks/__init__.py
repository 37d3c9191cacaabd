"""Network definitions, written once for training and for inference; they need PyTorch."""
