"""Benchmarks of networks: predicting depth beside other networks, and training on a GPU."""
