"""The pixels at a layer's edge: how far it covers them, and in what colour."""
