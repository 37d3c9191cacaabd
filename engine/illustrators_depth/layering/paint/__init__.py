"""What layers are painted with where they are not seen: colour, gradient, texture."""
