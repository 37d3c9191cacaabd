"""Which drawings are built and which are not: variants, splits, duplicates, the reserved ones."""
