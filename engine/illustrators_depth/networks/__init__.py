"""Network definitions, written once for training and for inference; all but `region_inputs`
(plain arrays) need PyTorch."""
