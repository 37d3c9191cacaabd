"""A picture as a relief raised by its depth."""
