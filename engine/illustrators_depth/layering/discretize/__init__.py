"""From depth to a label map: which layer is seen at each pixel."""
