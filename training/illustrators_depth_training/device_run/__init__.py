"""Training in a few minutes of one device, samples included, with PyTorch and little else.

Needs torch, numpy, OpenCV, safetensors and onnx alone: no Lightning, no configuration files, no
network. `python -m illustrators_depth_training.device_run` starts it.
"""
