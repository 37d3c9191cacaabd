"""Tools for whole batches: random numbers, fields, colours, places, connected regions."""
