"""From a checkpoint to what is used and shipped: ONNX files, weights, the model's card."""
