"""A layer stack as a Grease Pencil drawing."""
