"""Training of the border network: pairs of touching regions with the truth of who lies above."""
