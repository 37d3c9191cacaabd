"""Network definitions, written once for training and for inference; each needs PyTorch."""
