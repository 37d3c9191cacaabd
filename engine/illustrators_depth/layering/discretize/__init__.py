"""From depth to a label map: the layer that is seen at each pixel."""
