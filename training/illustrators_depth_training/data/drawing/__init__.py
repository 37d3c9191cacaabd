"""One drawing: from SVG to a picture, its layer index and the full shape of each layer."""
