"""Changes of a picture's layers, each followed by the list and all builds."""
