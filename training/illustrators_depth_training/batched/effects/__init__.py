"""What painters, paper and screens do to pictures, for whole batches of them."""
