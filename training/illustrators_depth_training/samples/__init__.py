"""What a network is trained on: drawings of shards and scenes made on the fly, as tensors."""
